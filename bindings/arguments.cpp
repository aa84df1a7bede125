#include <algorithm>
#include <array>
#include <utility>

#include "convert.hpp"

namespace kurrentlite::bindings {

using json::Kind;
using json::Value;

ArgumentReader::ArgumentReader(std::string_view json, std::string prefix) : prefix_(std::move(prefix)) {
  if (const auto fault = json::check(json, {json::kDepthCeiling})) {
    // JavaScript wrote the text, so that nothing but the depth of a user's value can be at fault.
    violations_.push_back({prefix_ + "data", std::string("cannot be read: ") + fault->problem});
    return;
  }
  if (!Value(json).is(Kind::Object)) {
    violations_.push_back({prefix_.empty() ? "arguments" : prefix_.substr(0, prefix_.size() - 1), "must be an object"});
    return;
  }
  members_ = Value(json).members();
}

std::optional<Value> ArgumentReader::given(std::string_view name) const {
  std::optional<Value> found;
  for (const json::Member& member : members_) {
    if (member.key == name) found = member.value;
  }
  return found && found->is(Kind::Null) ? std::nullopt : found;
}

/// JSON has no NaN and no Infinity: JavaScript writes null for them, and neither may pass for "not given".
bool ArgumentReader::refuse_null(std::string_view name, std::string_view what) {
  const bool is_null = std::any_of(members_.begin(), members_.end(), [&](const json::Member& member) {
    return member.key == name && member.value.is(Kind::Null);
  });
  if (is_null) refuse(name, "must be " + std::string(what) + ", not null, NaN or Infinity");
  return is_null;
}

void ArgumentReader::refuse(std::string_view name, std::string problem) {
  violations_.push_back({prefix_ + std::string(name), std::move(problem)});
}

void ArgumentReader::absorb(const ArgumentReader& nested) {
  violations_.insert(violations_.end(), nested.violations_.begin(), nested.violations_.end());
}

void ArgumentReader::absorb(const Error& error) {
  violations_.insert(violations_.end(), error.violations.begin(), error.violations.end());
}

Error ArgumentReader::error(ErrorCode code) const {
  std::string message;
  for (const Violation& violation : violations_) {
    message += (message.empty() ? "" : "; ") + violation.field + " " + violation.problem;
  }
  return {code, message + ".", {}, violations_};
}

std::optional<std::string> ArgumentReader::text(std::string_view name) {
  const std::optional<Value> value = given(name);
  if (!value) return std::nullopt;
  // A lone surrogate would silently become another text.
  if (value->is(Kind::String) && json::find_hazard(value->raw())) {
    refuse(name, "holds half of a surrogate pair, which is no character");
    return std::nullopt;
  }
  if (!value->is(Kind::String)) refuse(name, "must be text");
  return value->string();
}

std::string ArgumentReader::required_text(std::string_view name) {
  if (!given(name)) refuse(name, "is required and must be text");
  return text(name).value_or("");
}

std::optional<std::string> ArgumentReader::json(std::string_view name) const {
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->key == name) return std::string(member->value.raw());
  }
  return std::nullopt;
}

std::string ArgumentReader::required_json(std::string_view name) {
  std::optional<std::string> found = json(name);
  if (!found) refuse(name, "is required");
  return std::move(found).value_or("");
}

std::optional<std::vector<std::string>> ArgumentReader::texts(std::string_view name) {
  const std::optional<Value> value = given(name);
  if (!value) return std::nullopt;
  if (!value->is(Kind::Array)) {
    refuse(name, "must be an array of text");
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const Value& element : value->elements()) {
    const std::string place = std::string(name) + "[" + std::to_string(texts.size()) + "]";
    std::optional<std::string> text = element.string();
    if (!text) {
      refuse(place, "must be text");
    } else if (json::find_hazard(element.raw())) {
      refuse(place, "holds half of a surrogate pair, which is no character");
    }
    texts.push_back(std::move(text).value_or(""));
  }
  return texts;
}

std::optional<bool> ArgumentReader::boolean(std::string_view name) {
  const std::optional<Value> value = given(name);
  if (value && !value->is(Kind::Bool)) refuse(name, "must be true or false");
  return value ? value->boolean() : std::nullopt;
}

std::optional<double> ArgumentReader::number(std::string_view name, double least, double most) {
  const std::optional<Value> value = given(name);
  if (!value) {
    refuse_null(name, "a number");
    return std::nullopt;
  }
  const std::optional<double> number = value->number();
  if (number && *number >= least && *number <= most) return number;
  refuse(name, "must be a number from " + json::Writer().number(least).take() + " to " +
                   json::Writer().number(most).take());
  return std::nullopt;
}

std::optional<std::uint64_t> ArgumentReader::whole(std::string_view name, std::uint64_t least, std::uint64_t most) {
  const std::optional<Value> value = given(name);
  if (!value) {
    refuse_null(name, "a whole number");
    return std::nullopt;
  }
  const std::optional<std::int64_t> number = value->integer();
  if (number && *number >= 0 && static_cast<std::uint64_t>(*number) >= least &&
      static_cast<std::uint64_t>(*number) <= most) {
    return static_cast<std::uint64_t>(*number);
  }
  refuse(name, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::uint64_t ArgumentReader::required_whole(std::string_view name, std::uint64_t least, std::uint64_t most) {
  if (given(name)) return whole(name, least, most).value_or(least);
  if (!refuse_null(name, "a whole number")) refuse(name, "is required and must be a whole number");
  return least;
}

std::optional<std::string_view> ArgumentReader::object(std::string_view name) {
  const std::optional<Value> value = given(name);
  if (!value) return std::nullopt;
  if (!value->is(Kind::Object)) {
    refuse(name, "must be an object");
    return std::nullopt;
  }
  return value->raw();
}

std::vector<std::string_view> ArgumentReader::objects(std::string_view name) {
  const std::optional<Value> value = given(name);
  std::vector<std::string_view> objects;
  if (!value || !value->is(Kind::Array)) {
    refuse(name, "is required and must be an array of objects");
    return objects;
  }
  for (const Value& element : value->elements()) {
    if (!element.is(Kind::Object)) refuse(std::string(name) + "[" + std::to_string(objects.size()) + "]", "must be an object");
    objects.push_back(element.raw());
  }
  return objects;
}

namespace {

std::optional<PermissionsPatch> read_permissions(ArgumentReader& arguments) {
  const std::optional<std::string_view> text = arguments.object("permissions");
  if (!text) return std::nullopt;
  ArgumentReader nested(*text, "permissions.");
  PermissionsPatch patch;
  patch.read = nested.texts("read");
  patch.write = nested.texts("write");
  patch.admin = nested.texts("admin");
  arguments.absorb(nested);
  return patch;
}

template <class T>
Result<T> finish(const ArgumentReader& arguments, T value) {
  if (!arguments.ok()) return arguments.error();
  return value;
}

}  // namespace

Result<CreateStreamRequest> read_create_request(ArgumentReader& arguments) {
  CreateStreamRequest request;
  request.id = arguments.text("id");
  request.kind = arguments.text("kind");
  request.name = arguments.required_text("name");
  request.description = arguments.text("description");
  request.data = arguments.required_json("data");
  request.tags = arguments.texts("tags");
  request.owner = arguments.text("owner");
  request.permissions = read_permissions(arguments);
  return finish(arguments, std::move(request));
}

Result<UpdateStreamRequest> read_update_request(ArgumentReader& arguments) {
  UpdateStreamRequest request;
  request.name = arguments.text("name");
  request.description = arguments.text("description");
  request.data = arguments.json("data");
  request.tags = arguments.texts("tags");
  request.permissions = read_permissions(arguments);
  request.expected_version = arguments.whole("expectedVersion", 1, UINT32_MAX);
  return finish(arguments, std::move(request));
}

Result<PatchStreamRequest> read_patch_request(ArgumentReader& arguments) {
  PatchStreamRequest request;
  request.patch = arguments.required_json("with");
  request.expected_version = arguments.whole("expectedVersion", 1, UINT32_MAX);
  return finish(arguments, std::move(request));
}

Result<TagChanges> read_tag_changes(ArgumentReader& arguments) {
  TagChanges changes;
  changes.add = arguments.texts("add").value_or(std::vector<std::string>());
  changes.remove = arguments.texts("remove").value_or(std::vector<std::string>());
  return finish(arguments, std::move(changes));
}

Result<PermissionsPatch> read_permissions_request(ArgumentReader& arguments) {
  std::optional<PermissionsPatch> patch = read_permissions(arguments);
  if (!patch && arguments.ok()) arguments.refuse("permissions", "is required and must be an object");
  return finish(arguments, std::move(patch).value_or(PermissionsPatch{}));
}

namespace {

constexpr std::array kStepNames = {"update", "patch", "tag", "setPermissions", "transferOwner", "archive", "restore", "delete"};

template <class T>
std::optional<TransactionStep::Action> action_of(Result<T> request) {
  if (!request) return std::nullopt;  // the reader knows why
  return TransactionStep::Action(std::move(*request));
}

std::optional<TransactionStep::Action> read_action(std::string_view name, ArgumentReader& step) {
  if (name == "update") return action_of(read_update_request(step));
  if (name == "patch") return action_of(read_patch_request(step));
  if (name == "tag") return action_of(read_tag_changes(step));
  if (name == "setPermissions") return action_of(read_permissions_request(step));
  if (name == "transferOwner") return NewOwner{step.required_text("owner")};
  if (name == "archive") return StreamStatus::Archived;
  if (name == "restore") return StreamStatus::Active;
  return StreamStatus::Deleted;
}

/// Whoever names two actions in one step expects both; only one would be done.
void refuse_second_action(ArgumentReader& step) {
  const char* first = step.has("create") ? "create" : nullptr;
  for (const char* const name : kStepNames) {
    if (!step.has(name)) continue;
    if (first == nullptr) first = name;
    else step.refuse(name, "cannot stand beside " + std::string(first) + "; make it a step of its own");
  }
}

std::optional<TransactionStep> read_step(ArgumentReader& arguments, std::string_view text, const std::string& prefix) {
  ArgumentReader reader(text, prefix);
  std::optional<TransactionStep::Action> action;
  std::string id;
  if (!reader.ok()) return std::nullopt;  // it is no object, which has been told
  refuse_second_action(reader);
  if (const std::optional<std::string_view> creation = reader.object("create")) {
    ArgumentReader nested(*creation, prefix + "create.");
    action = action_of(read_create_request(nested));
    reader.absorb(nested);
  } else {
    const auto* const name = std::find_if(kStepNames.begin(), kStepNames.end(), [&](const char* each) { return reader.has(each); });
    if (name == kStepNames.end()) {
      reader.refuse("create", "or update, patch, tag, setPermissions, transferOwner, archive, restore or delete is required");
    } else {
      id = reader.required_text(*name);
      action = read_action(*name, reader);
    }
  }
  arguments.absorb(reader);
  if (!action || !reader.ok()) return std::nullopt;
  return TransactionStep{std::move(id), std::move(*action)};
}

}  // namespace

Result<std::vector<TransactionStep>> read_transaction(ArgumentReader& arguments) {
  std::vector<TransactionStep> steps;
  for (const std::string_view text : arguments.objects("steps")) {
    const std::string prefix = "steps[" + std::to_string(steps.size()) + "].";
    steps.push_back(read_step(arguments, text, prefix).value_or(TransactionStep{}));
  }
  return finish(arguments, std::move(steps));
}

Result<DocumentKind> read_document_kind(ArgumentReader& arguments) {
  DocumentKind kind;
  kind.kind = arguments.required_text("kind");
  if (arguments.has("unique")) {
    for (const std::string_view text : arguments.objects("unique")) {
      ArgumentReader nested(text, "unique[" + std::to_string(kind.unique.size()) + "].");
      UniqueConstraint unique;
      unique.name = nested.required_text("name");
      unique.path = nested.required_text("path");
      unique.ignore_case = nested.boolean("ignoreCase").value_or(false);
      kind.unique.push_back(std::move(unique));
      arguments.absorb(nested);
    }
  }
  if (arguments.has("checks")) {
    for (const std::string_view text : arguments.objects("checks")) {
      const std::string prefix = "checks[" + std::to_string(kind.checks.size()) + "].";
      ArgumentReader nested(text, prefix);
      CheckConstraint check;
      check.name = nested.required_text("name");
      check.message = nested.text("message").value_or("");
      Result<Condition> where = parse_condition(nested.required_json("where"), QuerySubject::Documents, prefix + "where");
      if (where.ok()) check.where = std::move(*where);
      else nested.absorb(where.error());
      kind.checks.push_back(std::move(check));
      arguments.absorb(nested);
    }
  }
  return finish(arguments, std::move(kind));
}

Result<StreamFilter> read_stream_filter(ArgumentReader& arguments, std::uint32_t limit_max) {
  StreamFilter filter;
  if (const auto status = arguments.text("status")) {
    filter.status = parse_stream_status(*status);
    if (!filter.status) arguments.refuse("status", "must be active, archived or deleted");
  }
  filter.kind = arguments.text("kind");
  filter.owner = arguments.text("owner");
  filter.tags = arguments.texts("tags").value_or(std::vector<std::string>());
  filter.search = arguments.text("search").value_or("");
  if (const auto sort = arguments.text("sort")) {
    if (*sort == "createdAt") filter.sort = StreamSort::CreatedAt;
    else if (*sort == "updatedAt") filter.sort = StreamSort::UpdatedAt;
    else if (*sort == "name") filter.sort = StreamSort::Name;
    else if (*sort == "id") filter.sort = StreamSort::Id;
    else arguments.refuse("sort", "must be createdAt, updatedAt, name or id");
  }
  filter.descending = arguments.boolean("descending").value_or(false);
  filter.offset = static_cast<std::uint32_t>(arguments.whole("offset", 0, UINT32_MAX).value_or(0));
  filter.limit = static_cast<std::uint32_t>(arguments.whole("limit", 1, limit_max).value_or(filter.limit));
  return finish(arguments, std::move(filter));
}

Result<HistoryOptions> read_history_options(ArgumentReader& arguments) {
  HistoryOptions options;
  options.from = arguments.whole("from", 1, UINT32_MAX);
  options.limit = static_cast<std::uint32_t>(arguments.whole("limit", 1, 1000).value_or(options.limit));
  return finish(arguments, options);
}

Result<UserStreamKey> read_user_key(ArgumentReader& arguments) {
  UserStreamKey key;
  key.user_id = arguments.required_text("userId");
  key.type = arguments.text("type").value_or(key.type);
  key.category = arguments.text("category");
  return finish(arguments, std::move(key));
}

Result<DatabaseConfig> read_config(std::string_view json) {
  ArgumentReader arguments(json);
  const std::optional<Environment> environment = parse_environment(arguments.required_text("environment"));
  if (!environment) arguments.refuse("environment", "must be dev, staging, test or mainnet");
  DatabaseConfig config = default_config(environment.value_or(Environment::Dev));
  const auto milliseconds = [](ArgumentReader& reader, const char* name, std::uint32_t least, std::uint32_t& target) {
    target = static_cast<std::uint32_t>(reader.whole(name, least, INT32_MAX).value_or(target));
  };
  config.enabled = arguments.boolean("enabled").value_or(true);
  milliseconds(arguments, "syncInterval", 1, config.sync_interval_ms);
  milliseconds(arguments, "maxRetries", 0, config.max_retries);
  milliseconds(arguments, "timeout", 1, config.timeout_ms);
  if (const auto text = arguments.object("endpoints")) {
    ArgumentReader nested(*text, "endpoints.");
    config.endpoints.grpc = nested.text("grpc").value_or(config.endpoints.grpc);
    config.endpoints.http = nested.text("http").value_or(config.endpoints.http);
    config.endpoints.ws = nested.text("ws");
    arguments.absorb(nested);
  }
  if (const auto text = arguments.object("credentials")) {
    ArgumentReader nested(*text, "credentials.");
    config.credentials.api_key = nested.text("apiKey");
    config.credentials.secret_key = nested.text("secretKey");
    arguments.absorb(nested);
  }
  if (const auto text = arguments.object("options")) {
    ArgumentReader nested(*text, "options.");
    milliseconds(nested, "maxConcurrentStreams", 1, config.options.max_concurrent_streams);
    milliseconds(nested, "keepAliveTimeout", 1, config.options.keep_alive_timeout_ms);
    milliseconds(nested, "retryDelay", 1, config.options.retry_delay_ms);
    config.options.jitter = nested.boolean("jitter").value_or(config.options.jitter);
    arguments.absorb(nested);
  }
  if (const auto text = arguments.object("circuitBreaker")) {
    ArgumentReader nested(*text, "circuitBreaker.");
    milliseconds(nested, "threshold", 0, config.circuit_breaker.threshold);
    milliseconds(nested, "cooldown", 1, config.circuit_breaker.cooldown_ms);
    milliseconds(nested, "maxCooldown", 1, config.circuit_breaker.cooldown_max_ms);
    arguments.absorb(nested);
  }
  if (const auto text = arguments.object("healthThresholds")) {
    ArgumentReader nested(*text, "healthThresholds.");
    HealthThresholds& slow = config.health_thresholds;
    milliseconds(nested, "connection", 0, slow.connection_ms);
    milliseconds(nested, "authentication", 0, slow.authentication_ms);
    milliseconds(nested, "read", 0, slow.read_ms);
    milliseconds(nested, "write", 0, slow.write_ms);
    milliseconds(nested, "sync", 0, slow.sync_ms);
    arguments.absorb(nested);
  }
  if (const auto text = arguments.object("timeouts")) {
    ArgumentReader nested(*text, "timeouts.");
    for (const json::Member& member : Value(*text).members()) {
      std::uint32_t timeout = config.timeout_ms;
      milliseconds(nested, member.key.c_str(), 1, timeout);
      config.timeouts.push_back({member.key, timeout});
    }
    arguments.absorb(nested);
  }
  if (!arguments.ok()) return arguments.error(ErrorCode::InvalidConfig);
  return config;
}

Result<SimulationProfile> read_simulation(std::string_view json) {
  if (!json::check(json) && Value(json).is(Kind::String)) {
    const std::optional<SimulationProfile> preset = simulation_preset(*Value(json).string());
    if (preset) return *preset;
    const std::vector<Violation> violations = {{"simulation", "must be instant, lan, wan, mobile or flaky"}};
    return Error{ErrorCode::ValidationFailed, "simulation must be instant, lan, wan, mobile or flaky.", {}, violations};
  }
  ArgumentReader arguments(json, "simulation.");
  const std::optional<SimulationProfile> preset = simulation_preset(arguments.text("preset").value_or("instant"));
  if (!preset) arguments.refuse("preset", "must be instant, lan, wan, mobile or flaky");
  SimulationProfile profile = preset.value_or(SimulationProfile{});
  profile.seed = arguments.whole("seed", 0, INT64_MAX).value_or(profile.seed);
  profile.error_rate = arguments.number("errorRate", 0, 1).value_or(profile.error_rate);
  profile.lost_reply_rate = arguments.number("lostReplyRate", 0, 1).value_or(profile.lost_reply_rate);
  profile.disconnect_rate = arguments.number("disconnectRate", 0, 1).value_or(profile.disconnect_rate);
  profile.offline = arguments.boolean("offline").value_or(profile.offline);
  if (const auto text = arguments.object("latency")) {
    ArgumentReader operations(*text, "simulation.latency.");
    for (std::size_t i = 0; i < kOperationCount; ++i) {
      const std::string name = to_string(static_cast<Operation>(i));
      const auto one = operations.object(name);
      if (!one) continue;
      constexpr double kHour = 3'600'000;
      ArgumentReader nested(*one, "simulation.latency." + name + ".");
      Latency& latency = profile.latency[i];
      latency.median_ms = nested.number("medianMs", 0, kHour).value_or(latency.median_ms);
      latency.spread = nested.number("spread", 0, 10).value_or(latency.spread);
      latency.min_ms = nested.number("minMs", 0, kHour).value_or(latency.min_ms);
      latency.max_ms = nested.number("maxMs", 0, kHour).value_or(latency.max_ms);
      if (latency.max_ms < latency.min_ms) nested.refuse("maxMs", "must not be below minMs");
      arguments.absorb(nested);
    }
    arguments.absorb(operations);
  }
  if (!arguments.ok()) return arguments.error();
  return profile;
}

Filter read_filter(std::string_view json) {
  ArgumentReader arguments(json);
  Filter filter;
  filter.on = arguments.text("on") == "eventType" ? Filter::On::EventType : Filter::On::StreamName;
  filter.regex = arguments.text("regex").value_or("");
  filter.prefixes = arguments.texts("prefixes").value_or(std::vector<std::string>{});
  return filter;
}

namespace {

std::optional<Operation> operation_of(std::string_view name) {
  for (std::size_t i = 0; i < kOperationCount; ++i) {
    if (name == to_string(static_cast<Operation>(i))) return static_cast<Operation>(i);
  }
  return std::nullopt;
}

std::optional<Fault::Effect> effect_of(std::string_view name) {
  if (name == "refuse") return Fault::Effect::Refuse;
  if (name == "loseReply") return Fault::Effect::LoseReply;
  if (name == "disconnect") return Fault::Effect::Disconnect;
  if (name == "delay") return Fault::Effect::Delay;
  return std::nullopt;
}

Error read_error(std::string_view json) {
  ArgumentReader arguments(json, "error.");
  Error error{error_code_of(arguments.text("code").value_or("Unavailable")).value_or(ErrorCode::Unknown),
              arguments.text("message").value_or("A fault was injected.")};
  if (const auto facts = arguments.object("facts")) {
    for (const json::Member& fact : Value(*facts).members()) {
      if (std::optional<std::string> text = fact.value.string()) error.facts.push_back({fact.key, *std::move(text)});
      if (const auto number = fact.value.integer()) error.facts.push_back({fact.key, static_cast<std::uint64_t>(*number)});
    }
  }
  return error;
}

}  // namespace

Result<Fault> read_fault(std::string_view json) {
  ArgumentReader arguments(json, "fault.");
  const std::optional<Operation> operation = operation_of(arguments.required_text("operation"));
  const std::optional<Fault::Effect> effect = effect_of(arguments.required_text("effect"));
  if (!operation) arguments.refuse("operation", "must be connect, append, read, delete, subscribe or statistics");
  if (!effect) arguments.refuse("effect", "must be refuse, loseReply, disconnect or delay");
  Fault fault;
  fault.nth = arguments.whole("nth", 1, INT64_MAX).value_or(1);
  fault.times = arguments.whole("times", 0, INT64_MAX).value_or(1);
  constexpr double kDay = 86'400'000;
  fault.delay_ms = arguments.number("delayMs", 0, kDay).value_or(0);
  if (const auto error = arguments.object("error")) fault.error = read_error(*error);
  if (!arguments.ok()) return arguments.error();
  fault.operation = *operation;
  fault.effect = *effect;
  return fault;
}

}  // namespace kurrentlite::bindings

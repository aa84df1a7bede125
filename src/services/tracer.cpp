#include "services/tracer.hpp"

#include <charconv>
#include <cstdint>

namespace kurrentlite {

const char* to_string(Span::Kind kind) { return kind == Span::Kind::Client ? "client" : "internal"; }

const char* to_string(Span::Status status) {
  switch (status) {
    case Span::Status::Unset: return "unset";
    case Span::Status::Ok: return "ok";
    case Span::Status::Error: return "error";
  }
  return "unset";
}

}  // namespace kurrentlite

namespace kurrentlite::services {

void Tracer::listen(std::function<void(std::vector<Span>)> listener) {
  on_ = static_cast<bool>(listener);
  ended_.clear();
  if (!on_) return notifier_.listen({});
  notifier_.listen([this, listener = std::move(listener)] {
    std::vector<Span> spans;
    spans.swap(ended_);
    listener(std::move(spans));  // may destroy this tracer
  });
}

std::string Tracer::hex(std::size_t digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(digits, '0');
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (i % 16 == 0) bits = dice_().next() | 1;  // ids of zeros alone are invalid
    text[i] = kDigits[(bits >> (4 * (i % 16))) & 15];
  }
  return text;
}

Span Tracer::begin(const char* name, Span::Kind kind) {
  Span span;
  span.name = name;
  span.kind = kind;
  span.span_id = hex(16);
  span.start_ns = now_ns();
  const std::string& endpoint = config_.endpoints.grpc;
  const std::size_t colon = endpoint.rfind(':');
  span.attributes = {{"db.system", "kurrentdb"},
                     {"db.operation", span.name},
                     {"server.address", endpoint.substr(0, colon)},
                     {"kurrentlite.environment", to_string(config_.environment)}};
  std::int64_t port = 0;
  if (colon != std::string::npos) {
    std::from_chars(endpoint.data() + colon + 1, endpoint.data() + endpoint.size(), port);
    span.attributes.push_back({"server.port", port});
  }
  if (const auto credentials = config_.call_credentials()) {
    span.attributes.push_back({"db.user", credentials->login});
  }
  return span;
}

void Tracer::place(Span& span, const OperationContext* parent) {
  const bool has_parent = parent != nullptr && !parent->trace_id.empty();
  span.trace_id = has_parent ? parent->trace_id : hex(32);
  if (has_parent) span.parent_span_id = parent->span_id;
}

Span Tracer::begin_operation(const char* name, const OperationContext* outer) {
  Span span = begin(name, Span::Kind::Internal);
  place(span, outer);
  return span;
}

Span Tracer::begin_call(const char* name, const OperationContext* parent, const std::vector<std::string>& streams,
                        std::uint32_t retry) {
  Span span = begin(name, Span::Kind::Client);
  place(span, parent);
  if (!streams.empty()) span.attributes.push_back({"db.kurrentdb.stream", streams.front()});
  if (streams.size() > 1) {
    span.attributes.push_back({"kurrentlite.stream_count", static_cast<std::int64_t>(streams.size())});
  }
  if (retry > 0) span.attributes.push_back({"kurrentlite.retry", std::int64_t{retry}});
  return span;
}

void Tracer::end(Span span, const Error* error) {
  if (!on_) return;
  span.end_ns = now_ns();
  span.status = error != nullptr ? Span::Status::Error : Span::Status::Ok;
  if (error != nullptr) {
    span.status_message = error->message;
    span.attributes.push_back({"exception.type", to_string(error->code)});
    span.attributes.push_back({"exception.message", error->message});
  }
  ended_.push_back(std::move(span));
  notifier_.changed();
}

}  // namespace kurrentlite::services

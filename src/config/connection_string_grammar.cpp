// The first of the two parsers: schemes, credentials, hosts and options, and the place of whatever does not fit.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <variant>

#include "base/utf8.hpp"
#include "config/connection_string.hpp"

namespace kurrentlite::config {

namespace {

constexpr std::array<std::string_view, 4> kSchemes{"kurrentdb", "kurrent", "kdb", "esdb"};
constexpr std::string_view kDiscover = "+discover";
constexpr std::string_view kSchemesExpected =
    "kurrentdb://, kurrentdb+discover://, kurrent://, kurrent+discover://, kdb://, or kdb+discover://";
constexpr std::string_view kNoHost = "$+!?*'(),;[]{}|\"%~#<>=&";  // ends a host and its port
constexpr std::string_view kPreferencesExpected = "leader or follower or read_only_replica or random";
constexpr std::int64_t kPortMax = 65'535;
constexpr std::size_t kNpos = std::string_view::npos;

/// Where an option's value goes; the member's type says what it may be.
using Target = std::variant<std::optional<std::string> ConnectionSettings::*, std::int64_t ConnectionSettings::*,
                            bool ConnectionSettings::*, NodePreference ConnectionSettings::*>;
struct Option {
  std::string_view flat_name;
  Target target;
};

const std::array<Option, 14>& options() {
  using Settings = ConnectionSettings;
  static const std::array<Option, 14> all{{
      {"usercertfile", &Settings::user_cert_file},
      {"userkeyfile", &Settings::user_key_file},
      {"maxdiscoverattempts", &Settings::max_discover_attempts},
      {"connectionname", &Settings::connection_name},
      {"defaultdeadline", &Settings::default_deadline_ms},
      {"discoveryinterval", &Settings::discovery_interval_ms},
      {"gossiptimeout", &Settings::gossip_timeout_s},
      {"nodepreference", &Settings::node_preference},
      {"tls", &Settings::tls},
      {"tlsverifycert", &Settings::tls_verify_cert},
      {"tlscafile", &Settings::tls_ca_file},
      {"throwonappendfailure", &Settings::throw_on_append_failure},
      {"keepaliveinterval", &Settings::keep_alive_interval_ms},
      {"keepalivetimeout", &Settings::keep_alive_timeout_ms},
  }};
  return all;
}

/// Bytes of the white space, as JavaScript trims it, that begins `text`; 0 without any.
std::size_t space_size(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')) return 1;
  for (const std::string_view space :
       {"\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
        "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"}) {
    if (text.substr(0, space.size()) == space) return space.size();
  }
  return 0;
}

/// Names are compared without case, `_` and `-`.
std::string flat(std::string_view text) {
  std::string folded = lower(trimmed(text));
  folded.erase(std::remove_if(folded.begin(), folded.end(), [](char c) { return c == '_' || c == '-'; }), folded.end());
  return folded;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

/// The integer that begins `text`, decimal or after 0x hexadecimal, as JavaScript's parseInt reads it.
std::optional<std::int64_t> leading_integer(std::string_view text) {
  text = trimmed(text);
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  const bool hexadecimal = text.size() > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (hexadecimal) text.remove_prefix(2);
  const int base = hexadecimal ? 16 : 10;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::int64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && digit_value(text[digits]) < base; ++digits) {
    const int digit = digit_value(text[digits]);
    value = value > (kMax - digit) / base ? kMax : value * base + digit;
  }
  if (digits == 0) return std::nullopt;
  return negative ? -value : value;
}

/// The byte that `%XX` at the beginning of `text` stands for.
std::optional<unsigned char> escaped_byte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const int high = digit_value(text[1]);
  const int low = digit_value(text[2]);
  if (high > 15 || low > 15) return std::nullopt;
  return static_cast<unsigned char>(high * 16 + low);
}

/// Without percent escapes; nothing when one of them is malformed or they are no UTF-8.
std::optional<std::string> uri_decoded(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    if (text[0] != '%') {
      decoded.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    std::string character;
    do {
      const std::optional<unsigned char> byte = escaped_byte(text);
      if (!byte || character.size() == 4) return std::nullopt;
      character.push_back(static_cast<char>(*byte));
      text.remove_prefix(3);
    } while (utf8::character_size(character) == 0);
    decoded += character;
  }
  return decoded;
}

/// Code units `from` to `to` of `text`; U+FFFD stands for half of a character.
std::string utf16_substring(std::string_view text, std::uint64_t from, std::uint64_t to) {
  std::string out;
  for (std::uint64_t unit = 0; !text.empty() && unit < to;) {
    const std::size_t size = std::max<std::size_t>(utf8::character_size(text), 1);
    const std::uint64_t next = unit + (size == 4 ? 2 : 1);
    if (unit >= from && next <= to) {
      out.append(text.substr(0, size));
    } else if (next > from) {
      utf8::append(out, utf8::kReplacementCharacter);
    }
    text.remove_prefix(size);
    unit = next;
  }
  return out;
}

bool is_in(std::string_view text, char c) { return text.find(c) != kNpos; }

/// Reads part after part; `position_` is where the next one begins.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<ParsedConnectionString> read() {
    if (read_scheme() && read_credentials() && read_hosts() && read_options()) return std::move(parsed_);
    return std::move(*error_);
  }

 private:
  ConnectionSettings& settings() { return parsed_.settings; }

  bool read_scheme() {
    const std::size_t colon = text_.find(':');
    if (colon == kNpos || colon == 0 || text_.substr(colon, 3) != "://") return refuse(0, 0, kSchemesExpected);
    std::string_view scheme = text_.substr(0, colon);
    position_ = colon + 3;
    if (scheme.substr(0, 4) == "esdb") {
      settings().warnings.emplace_back("The 'esdb' protocol is deprecated. Please use 'kurrentdb' instead");
    }
    const std::size_t plus = scheme.size() < kDiscover.size() ? kNpos : scheme.size() - kDiscover.size();
    settings().discover = plus != kNpos && scheme.substr(plus) == kDiscover;
    if (settings().discover) scheme = scheme.substr(0, plus);
    const bool known = std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
    return known || refuse(0, position_, kSchemesExpected);
  }

  /// What stands before an `@`, when it has a colon; further colons cut the password off.
  bool read_credentials() {
    const std::size_t colon = text_.find(':', position_);
    if (colon == kNpos || colon == position_) return true;
    const std::size_t at = text_.find('@', colon + 1);
    if (at == kNpos || at == colon + 1) return true;
    const std::string_view both = trimmed(text_.substr(position_, at - position_));
    position_ = at + 1;
    const std::size_t first = both.find(':');
    const auto login = uri_decoded(both.substr(0, first));
    const auto password = uri_decoded(both.substr(first + 1, both.find(':', first + 1) - first - 1));
    if (!login || !password) return refuse_escapes();
    settings().credentials = Credentials{*login, *password};
    return true;
  }

  /// Slashes belong to a host's text: one that ends it has no meaning, and others are refused later on.
  bool read_hosts() {
    for (;;) {
      const std::size_t from = position_;
      const std::size_t end = std::min(text_.find_first_of(kNoHost, from), text_.size());
      if (end == from) break;
      position_ = end < text_.size() && text_[end] == ',' ? end + 1 : end;
      if (!read_host(trimmed(text_.substr(from, end - from)), from)) return false;
    }
    return !settings().hosts.empty() || refuse(position_, position_, "host");
  }

  /// White space before the host is counted as if it stood behind it: positions are the official ones.
  bool read_host(std::string_view host, std::size_t from) {
    const std::size_t colon = host.find(':');
    NodeAddress node{std::string(host.substr(0, colon))};
    if (colon != kNpos) {
      const std::size_t second = host.find(':', colon + 1);
      const auto place = [&](std::size_t at) { return utf16_position(from) + utf8::utf16_length(host.substr(0, at)); };
      const std::uint64_t end = utf16_position(position_);
      if (second != kNpos) return refuse_units(place(second), end, ", or ?key=value");
      const std::optional<std::int64_t> port = leading_integer(host.substr(colon + 1));
      if (!port) return refuse_units(place(colon + 1), end, "port number");
      if (*port < 0 || *port > kPortMax) {
        parsed_.has_impossible_port = true;
      } else {
        node.port = static_cast<std::uint16_t>(*port);
      }
    }
    settings().hosts.push_back(std::move(node));
    return true;
  }

  bool read_options() {
    for (char separator = '?'; position_ < text_.size(); separator = '&') {
      const std::size_t from = position_;
      const std::size_t equals = text_.find('=', from + 1);
      const bool has_value = equals != kNpos && equals + 1 < text_.size() && !is_in("&?", text_[equals + 1]);
      if (text_[from] != separator || !has_value || equals == from + 1) {
        return refuse(from, from, std::string(1, separator) + "key=value");
      }
      position_ = std::min(text_.find_first_of("&?", equals), text_.size());
      const std::string_view key = text_.substr(from + 1, equals - from - 1);
      const std::string_view value = trimmed(text_.substr(equals + 1, position_ - equals - 1));
      if (!read_option(key, value, equals + 1)) return false;
    }
    return true;
  }

  bool read_option(std::string_view key, std::string_view value, std::size_t value_from) {
    // Only in this very spelling, and not documented: what `+discover` says can be overruled.
    if (key == "dnsDiscover") return set(&ConnectionSettings::discover, value, value_from);
    const std::string flat_key = flat(key);
    const auto found = std::find_if(options().begin(), options().end(),
                                    [&](const Option& option) { return option.flat_name == flat_key; });
    if (found == options().end()) {
      warn_of_unknown(key, value_from - 1 - key.size());
      return true;
    }
    return std::visit([&](auto member) { return set(member, value, value_from); }, found->target);
  }

  bool set(std::optional<std::string> ConnectionSettings::*member, std::string_view value, std::size_t /*from*/) {
    settings().*member = uri_decoded(value);
    return (settings().*member).has_value() || refuse_escapes();
  }
  bool set(std::int64_t ConnectionSettings::*member, std::string_view value, std::size_t from) {
    const std::optional<std::int64_t> number = leading_integer(value);
    if (!number) return refuse(from, position_, "Integer");
    settings().*member = *number;
    return true;
  }
  bool set(bool ConnectionSettings::*member, std::string_view value, std::size_t from) {
    if (value != "true" && value != "false") return refuse(from, position_, "true or false");
    settings().*member = value == "true";
    return true;
  }
  bool set(NodePreference ConnectionSettings::*member, std::string_view value, std::size_t from) {
    const std::optional<NodePreference> preference = node_preference_of(value);
    if (!preference) return refuse(from, position_, kPreferencesExpected);
    settings().*member = *preference;
    return true;
  }

  void warn_of_unknown(std::string_view key, std::size_t from) {
    std::string warning = "Unknown option key \"";
    warning.append(key).append("\", setting will be ignored.\n").append(text_).append("\n");
    warning.append(static_cast<std::size_t>(utf16_position(from)), ' ');
    warning.append(static_cast<std::size_t>(utf8::utf16_length(key)), '^');
    settings().warnings.push_back(std::move(warning));
  }

  [[nodiscard]] std::uint64_t utf16_position(std::size_t byte) const {
    return utf8::utf16_length(text_.substr(0, byte));
  }

  /// Always false, so that a refusal ends what reads.
  bool refuse(std::size_t from, std::size_t to, std::string_view expected) {
    return refuse_units(utf16_position(from), utf16_position(to), expected);
  }
  /// An empty range shows the code unit that begins there.
  bool refuse_units(std::uint64_t from, std::uint64_t to, std::string_view expected) {
    const std::string found = utf16_substring(text_, from, from == to ? from + 1 : to);
    error_ = connection_string_error("Unexpected \"" + found + "\" at position " + std::to_string(from) +
                                     ", expected " + std::string(expected) + ".");
    error_->facts.push_back({"from", from});
    error_->facts.push_back({"to", to});
    error_->facts.push_back({"expected", std::string(expected)});
    return false;
  }
  bool refuse_escapes() {
    error_ = connection_string_error("URI malformed");
    return false;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  ParsedConnectionString parsed_;
  std::optional<Error> error_;
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (const std::size_t size = space_size(text)) text.remove_prefix(size);
  for (std::size_t size = 1; size <= std::min<std::size_t>(3, text.size());) {
    const std::string_view last = text.substr(text.size() - size);
    if (space_size(last) == size) {
      text.remove_suffix(size);
      size = 1;
    } else {
      ++size;
    }
  }
  return text;
}

std::string lower(std::string_view text) {
  constexpr std::string_view kKelvin = "\u212A";  // the one character outside ASCII with a lower case inside
  std::string lowered = utf8::ascii_lower(text);
  for (std::size_t at = lowered.find(kKelvin); at != kNpos; at = lowered.find(kKelvin, at)) {
    lowered.replace(at, kKelvin.size(), "k");
  }
  return lowered;
}

std::optional<NodePreference> node_preference_of(std::string_view text) {
  const std::string name = flat(text);
  if (name == "leader") return NodePreference::Leader;
  if (name == "follower") return NodePreference::Follower;
  if (name == "readonlyreplica") return NodePreference::ReadOnlyReplica;
  if (name == "random") return NodePreference::Random;
  return std::nullopt;
}

Result<ParsedConnectionString> parse_by_grammar(std::string_view text) {
  text = trimmed(text);
  text = text.substr(0, text.find_last_not_of('/') + 1);
  return Reader(text).read();
}

}  // namespace kurrentlite::config

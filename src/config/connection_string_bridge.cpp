// The second of the two parsers takes the text for a URL and is stricter about ports, paths, numbers and white space. What
// it refuses of what the first one accepts is found here, in its words. One thing is different on purpose: the two agree on
// no spelling of a read-only replica but ReadOnlyReplica, and every spelling that either of them takes is fine here.
#include <algorithm>
#include <array>
#include <limits>

#include "base/utf8.hpp"
#include "config/connection_string.hpp"

namespace kurrentlite::config {

namespace {

constexpr std::size_t kNpos = std::string_view::npos;
constexpr std::uint32_t kPortMax = 65'535;
constexpr const char* kInvalidDigit = "invalid digit found in string";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The parts of a URL that is no web address, as far as they matter here, or what is wrong with it.
struct Url {
  enum class Fault : std::uint8_t { None, Port, Other } fault = Fault::None;
  std::string_view host = {};
  std::string_view path = {};
  std::string_view query = {};
};

/// URLs lose control characters and spaces at both ends, and line breaks and tabs anywhere.
std::string url_text(std::string_view text) {
  const auto is_edge = [](char c) { return static_cast<unsigned char>(c) <= 0x20U; };
  while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
  std::string kept(text);
  kept.erase(std::remove_if(kept.begin(), kept.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }),
             kept.end());
  return kept;
}

/// Digits, or nothing at all.
bool is_port(std::string_view text) {
  std::uint32_t port = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    port = std::min(port * 10 + static_cast<std::uint32_t>(c - '0'), kPortMax + 1);
  }
  return port <= kPortMax;
}

Url split_url(std::string_view text) {
  constexpr std::string_view kNotInHosts(" <>[\\]^|\0", 9);
  const Url other{Url::Fault::Other};
  const std::size_t scheme = text.find("://");
  if (scheme == kNpos || text[0] < 'a' || text[0] > 'z') return other;
  text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find('#'));
  Url url;
  if (const std::size_t question = text.find('?'); question != kNpos) {
    url.query = text.substr(question + 1);
    text = text.substr(0, question);
  }
  const std::size_t slash = std::min(text.find('/'), text.size());
  url.path = text.substr(slash);
  const std::string_view authority = text.substr(0, slash);
  const std::size_t at = authority.rfind('@');
  const std::string_view host_and_port = at == kNpos ? authority : authority.substr(at + 1);
  const std::size_t colon = host_and_port.find(':');
  url.host = host_and_port.substr(0, colon);
  if (url.host.empty() && !authority.empty()) return other;
  if (url.host.find_first_of(kNotInHosts) != kNpos) return other;
  if (colon != kNpos && !is_port(host_and_port.substr(colon + 1))) url.fault = Url::Fault::Port;
  return url;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(kDigits[byte >> 4U]);
  out.push_back(kDigits[byte & 15U]);
}

/// What a path may not hold as it is becomes escapes.
std::string encoded_path(std::string_view path) {
  constexpr std::string_view kEscaped = " \"#<>`{}";
  std::string encoded;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20U || byte >= 0x7FU || kEscaped.find(c) != kNpos) {
      append_escape(encoded, c);
    } else {
      encoded.push_back(c);
    }
  }
  return encoded;
}

std::optional<unsigned> hex_digit(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10U;
  return std::nullopt;
}

/// What is no UTF-8 becomes U+FFFD.
std::string with_replacements(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = utf8::character_size(bytes);
    if (size == 0) {
      utf8::append(text, utf8::kReplacementCharacter);
    } else {
      text.append(bytes.substr(0, size));
    }
    bytes.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return text;
}

/// The value of a form's field.
std::string form_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto high = text[at] == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[at + 2]) : std::nullopt;
    if (low) {
      decoded.push_back(static_cast<char>(static_cast<unsigned char>(*high * 16U + *low)));
      at += 2;
    } else {
      decoded.push_back(text[at] == '+' ? ' ' : text[at]);
    }
  }
  return with_replacements(decoded);
}

struct Integer {
  bool negative = false;
  std::uint64_t magnitude = 0;
  const char* fault = nullptr;
};

/// An integer of 64 bits, or why `text` is none.
Integer parse_integer(std::string_view text, bool is_signed) {
  Integer integer;
  const auto with_fault = [&](const char* fault) {
    integer.fault = fault;
    return integer;
  };
  if (text.empty()) return with_fault("cannot parse integer from empty string");
  integer.negative = is_signed && text[0] == '-';
  if (integer.negative || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return with_fault(kInvalidDigit);
  constexpr std::uint64_t kSignedMax = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t max = !is_signed         ? std::numeric_limits<std::uint64_t>::max()
                            : integer.negative ? kSignedMax + 1
                                               : kSignedMax;
  for (const char c : text) {
    if (!is_digit(c)) return with_fault(kInvalidDigit);
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (integer.magnitude > (max - digit) / 10) {
      return with_fault(integer.negative ? "number too small to fit in target type"
                                         : "number too large to fit in target type");
    }
    integer.magnitude = integer.magnitude * 10 + digit;
  }
  return integer;
}

struct IntegerOption {
  std::string_view key;
  std::string_view name;
  bool is_signed;
};
constexpr std::array<IntegerOption, 6> kIntegers{{{"maxdiscoverattempts", "maxDiscoverAttempts", false},
                                                  {"discoveryinterval", "discoveryInterval", false},
                                                  {"gossiptimeout", "gossipTimeout", false},
                                                  {"keepaliveinterval", "keepAliveInterval", true},
                                                  {"keepalivetimeout", "keepAliveTimeout", true},
                                                  {"defaultdeadline", "defaultDeadline", true}}};

std::string invalid_format(std::string_view key, std::string_view value, std::string_view problem) {
  std::string message = "Invalid format for param '";
  return message.append(key).append("'. value = '").append(value).append("': ").append(problem);
}

std::optional<std::string> refusal_of_option(std::string_view key, const std::string& value) {
  if (key == "tls" || key == "tlsverifycert") {
    if (value == "true" || value == "false") return std::nullopt;
    return invalid_format(key, value, "provided string was not `true` or `false`");
  }
  if (key == "nodepreference") {
    if (node_preference_of(value)) return std::nullopt;
    return "Unknown node preference value '" + lower(value) + "'";
  }
  const auto* const option =
      std::find_if(kIntegers.begin(), kIntegers.end(), [&](const IntegerOption& each) { return each.key == key; });
  if (option == kIntegers.end()) return std::nullopt;
  const Integer integer = parse_integer(value, option->is_signed);
  if (integer.fault != nullptr) return invalid_format(key, value, integer.fault);
  if (!integer.negative || integer.magnitude <= 1) return std::nullopt;
  std::string message = "Invalid ";
  return message.append(option->name)
      .append(" of -")
      .append(std::to_string(integer.magnitude))
      .append(". Please provide a positive integer, or -1 to disable");
}

std::optional<std::string> refusal_of_query(std::string_view query) {
  bool has_cert = false;
  bool has_key = false;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string key = lower(form_decoded(pair.substr(0, equals)));
    const std::string value = form_decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (auto refusal = refusal_of_option(key, value)) return refusal;
    has_cert = has_cert || key == "usercertfile";
    has_key = has_key || key == "userkeyfile";
  }
  if (has_cert == has_key) return std::nullopt;
  return "Invalid user certificate settings. Both userCertFile and userKeyFile must be provided";
}

std::optional<std::string> refusal_of_seed(std::string_view seed) {
  const std::size_t colon = seed.find(':');
  if (colon == kNpos) return std::nullopt;
  const std::string_view port = seed.substr(colon + 1);
  if (port.find(':') != kNpos) return "Invalid host part: '" + encoded_path(seed) + "'";
  if (!port.empty() && is_port(port)) return std::nullopt;
  return "Invalid port number: " + encoded_path(port);
}

std::optional<std::string> refusal_of_seeds(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view seed = path.substr(0, path.find('/'));
    if (auto refusal = refusal_of_seed(seed)) return refusal;
    path.remove_prefix(seed.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> refusal_of_bridge(std::string_view text) {
  std::string as_url = url_text(text);
  Url url = split_url(as_url);
  if (url.fault == Url::Fault::None) {
    const std::string path = encoded_path(url.path);
    if (!path.empty() && path != "/") return "Unsupported URL path: " + path;
    if (url.host.empty()) return "Connection string doesn't have an host";
    return refusal_of_query(url.query);
  }
  if (url.fault != Url::Fault::Port || as_url.find(',') == std::string::npos) return std::string(text);
  // Several hosts with ports are no URL; with slashes between them, all but the first become its path.
  std::replace(as_url.begin(), as_url.end(), ',', '/');
  url = split_url(as_url);
  if (url.fault != Url::Fault::None || url.host.empty()) return std::string(text);
  if (auto refusal = refusal_of_seeds(url.path)) return refusal;
  return refusal_of_query(url.query);
}

}  // namespace kurrentlite::config

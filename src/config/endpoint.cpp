#include "config/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/utf8.hpp"

namespace kurrentlite::config {

namespace {

constexpr std::size_t kHostLengthMax = 253;  // of a DNS name
constexpr std::string_view kDefaultPort = "2113";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  std::uint32_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port >= 1 && port <= 65'535;
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > kHostLengthMax) return false;
  if (host.front() == '[') {
    if (host.size() < 4 || host.back() != ']') return false;
    const std::string_view address = host.substr(1, host.size() - 2);
    return std::all_of(address.begin(), address.end(), [](char c) { return is_hex(c) || c == ':' || c == '.'; }) &&
           address.find(':') != std::string_view::npos;
  }
  if (host.front() == '.' || host.front() == '-') return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

/// Where the colon before the port stands; npos without one. Colons inside an IPv6 address do not count.
std::size_t port_separator(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool inside_brackets = bracket != std::string_view::npos && colon != std::string_view::npos && colon < bracket;
  return inside_brackets ? std::string_view::npos : colon;
}

}  // namespace

bool is_host_and_port(std::string_view text) {
  const std::size_t colon = port_separator(text);
  if (colon == std::string_view::npos) return false;
  return is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

std::string_view without_scheme(std::string_view text, std::initializer_list<std::string_view> schemes) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return text;
  const std::string scheme = utf8::ascii_lower(text.substr(0, end));
  const bool known = std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
  return known ? text.substr(end + 3) : text;
}

std::string authority_of(std::string_view endpoint) {
  if (const std::size_t scheme = endpoint.find("://"); scheme != std::string_view::npos) {
    endpoint.remove_prefix(scheme + 3);
  }
  endpoint = endpoint.substr(0, endpoint.find_first_of("/?,"));
  if (const std::size_t user = endpoint.rfind('@'); user != std::string_view::npos) endpoint.remove_prefix(user + 1);
  std::string authority = utf8::ascii_lower(endpoint);
  if (port_separator(authority) == std::string_view::npos) authority.append(":").append(kDefaultPort);
  return authority;
}

}  // namespace kurrentlite::config

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace kurrentlite::config {

/// `host:port` with a port from 1 to 65535. The host is a DNS name, an IPv4 address or an IPv6 address in brackets.
[[nodiscard]] bool is_host_and_port(std::string_view text);

/// `text` without a leading `{scheme}://` of one of `schemes`; unchanged when it has none of them.
[[nodiscard]] std::string_view without_scheme(std::string_view text, std::initializer_list<std::string_view> schemes);

/// Lower-case host:port of the first host of an endpoint or connection string; 2113 when it names no port.
[[nodiscard]] std::string authority_of(std::string_view endpoint);

}  // namespace kurrentlite::config

#pragma once

#include <string_view>

namespace kurrentlite::protocol {

/// True for letters and numbers of any script (each one UTF-16 unit, as .NET's expressions see them) and `_ . $ : -`, in
/// Unicode's normal form C; not for nothing at all (reference: streams 3.11). The engine, which is to stay small, looks
/// at ASCII only.
[[nodiscard]] bool is_schema_name(std::string_view name);

}  // namespace kurrentlite::protocol

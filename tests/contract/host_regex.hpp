#pragma once

#include "kurrentlite/ports.hpp"

namespace kurrentlite::contract {

/// The regular expressions of the machine that the tests run on: PCRE2 natively, JavaScript's own in WebAssembly.
RegexEngine& host_regex();

}  // namespace kurrentlite::contract

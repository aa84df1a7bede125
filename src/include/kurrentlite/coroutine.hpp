#pragma once

/// `kurrentlite::coro` is the standard coroutine support library, or its predecessor where the compiler (clang 14 with
/// libc++, as in Emscripten 3.1.6) has only that.

#include <version>
#if defined(__cpp_lib_coroutine) || (defined(__cpp_impl_coroutine) && !defined(_LIBCPP_VERSION))
#include <coroutine>
namespace kurrentlite {
namespace coro = std;
}
#elif __has_include(<experimental/coroutine>)
#include <experimental/coroutine>
namespace kurrentlite {
namespace coro = std::experimental;
}
#else
#include <coroutine>
namespace kurrentlite {
namespace coro = std;
}
#endif

#pragma once

namespace kurrentlite::benchmark {

/// Serves Echo on a free port of 127.0.0.1, tells it in the first line of stdout, and ends with stdin.
int serve_echo();

}  // namespace kurrentlite::benchmark

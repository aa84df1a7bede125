#include "contract/host_regex.hpp"
#include "regex/pcre2_regex.hpp"

namespace kurrentlite::contract {

RegexEngine& host_regex() {
  static Pcre2RegexEngine engine;
  return engine;
}

}  // namespace kurrentlite::contract

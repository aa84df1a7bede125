#include <emscripten.h>

#include "contract/host_regex.hpp"

// The tests' expressions mean the same in JavaScript and in .NET.

// Answers a number for the expression, or -1 when it is invalid.
EM_JS(int, kurrentlite_regex_compile, (const char* pattern), {
  try {
    if (!Module.regexes) Module.regexes = [];
    return Module.regexes.push(new RegExp(UTF8ToString(pattern), "u")) - 1;
  } catch (error) {
    return -1;
  }
})

EM_JS(int, kurrentlite_regex_matches, (int regex, const char* text, int size), {
  return Module.regexes[regex].test(UTF8ToString(text, size)) ? 1 : 0;
})

namespace kurrentlite::contract {
namespace {

class JavaScriptRegex final : public Regex {
 public:
  explicit JavaScriptRegex(int number) : number_(number) {}
  Result<bool> matches(std::string_view text) override {
    return kurrentlite_regex_matches(number_, text.data(), static_cast<int>(text.size())) != 0;
  }

 private:
  int number_;
};

class JavaScriptRegexEngine final : public RegexEngine {
 public:
  Result<std::unique_ptr<Regex>> compile(const std::string& pattern) override {
    const int number = kurrentlite_regex_compile(pattern.c_str());
    if (number < 0) return Error{ErrorCode::Unknown, "The regular expression \"" + pattern + "\" is invalid."};
    return std::unique_ptr<Regex>(std::make_unique<JavaScriptRegex>(number));
  }
};

}  // namespace

RegexEngine& host_regex() {
  static JavaScriptRegexEngine engine;
  return engine;
}

}  // namespace kurrentlite::contract

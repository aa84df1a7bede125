#define PCRE2_CODE_UNIT_WIDTH 16
#include "regex/pcre2_regex.hpp"

#include <pcre2.h>

#include <array>
#include <utility>

#include "regex/dotnet_pattern.hpp"

namespace kurrentlite {
namespace {

/// Frees what PCRE2 allocates.
struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

/// The begin of `text` in quotes, cut between characters.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShownMax = 200;
  if (text.size() <= kShownMax) return "\"" + std::string(text) + "\"";
  std::size_t size = kShownMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return "\"" + std::string(text.substr(0, size)) + "…\"";
}

/// What the server answers, and then what went wrong here.
Error refusal(std::string_view pattern, std::string_view problem) {
  return {ErrorCode::Unknown, "Exception was thrown by handler. The regular expression " + quoted(pattern) +
                                  " cannot be used: " + std::string(problem) + "."};
}

std::string text_of(int code) {
  std::array<PCRE2_UCHAR, 256> buffer{};
  const int size = pcre2_get_error_message(code, buffer.data(), buffer.size());
  std::string text;
  for (int i = 0; i < size; ++i) text.push_back(static_cast<char>(buffer[static_cast<std::size_t>(i)]));
  return text;
}

/// Never null, as PCRE2 wants it.
PCRE2_SPTR begin_of(const regex::Units& units) {
  static constexpr PCRE2_UCHAR kNothing = 0;
  return units.empty() ? &kNothing : units.data();
}

class Pcre2Regex final : public Regex {
 public:
  Pcre2Regex(std::string pattern, Owned<pcre2_code> code, Owned<pcre2_match_context> context,
             Owned<pcre2_match_data> data)
      : pattern_(std::move(pattern)), code_(std::move(code)), context_(std::move(context)), data_(std::move(data)) {}

  Result<bool> matches(std::string_view text) override {
    const std::optional<regex::Units> units = regex::to_utf16(text);
    if (!units) return refusal(pattern_, "the text it is to be found in is not valid UTF-8");
    const int found = pcre2_match(code_.get(), begin_of(*units), units->size(), 0, 0, data_.get(), context_.get());
    if (found >= 0) return true;
    if (found == PCRE2_ERROR_NOMATCH) return false;
    const bool costly = found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT ||
                        found == PCRE2_ERROR_HEAPLIMIT || found == PCRE2_ERROR_NOMEMORY;
    return refusal(pattern_, costly ? "looking for it in " + quoted(text) + " takes too long" : text_of(found));
  }

 private:
  std::string pattern_;
  Owned<pcre2_code> code_;
  Owned<pcre2_match_context> context_;
  Owned<pcre2_match_data> data_;
};

}  // namespace

Result<std::unique_ptr<Regex>> Pcre2RegexEngine::compile(const std::string& pattern) {
  if (pattern.size() > limits_.pattern_max_bytes) {
    return refusal(pattern, "it is longer than " + std::to_string(limits_.pattern_max_bytes) + " bytes");
  }
  const std::optional<regex::Units> units = regex::to_utf16(pattern);
  if (!units) return refusal("", "it is not valid UTF-8");
  const regex::Translation translation = regex::translate(*units);
  if (!translation.problem.empty()) return refusal(pattern, translation.problem);

  const Owned<pcre2_compile_context> compiling(pcre2_compile_context_create(nullptr));
  Owned<pcre2_match_context> matching(pcre2_match_context_create(nullptr));
  if (!compiling || !matching) return refusal(pattern, "memory is short");
  pcre2_set_newline(compiling.get(), PCRE2_NEWLINE_LF);
  pcre2_set_match_limit(matching.get(), limits_.steps_max);
  pcre2_set_depth_limit(matching.get(), limits_.depth_max);
  pcre2_set_heap_limit(matching.get(), limits_.memory_max_kib);

  int problem = 0;
  PCRE2_SIZE offset = 0;
  constexpr std::uint32_t kOptions = PCRE2_UCP | PCRE2_NEVER_UTF | PCRE2_ALT_CIRCUMFLEX;
  Owned<pcre2_code> code(pcre2_compile(begin_of(translation.pattern), translation.pattern.size(), kOptions, &problem,
                                       &offset, compiling.get()));
  if (!code) return refusal(pattern, text_of(problem));
  Owned<pcre2_match_data> data(pcre2_match_data_create(1, nullptr));
  if (!data) return refusal(pattern, "memory is short");
  return std::unique_ptr<Regex>(
      std::make_unique<Pcre2Regex>(pattern, std::move(code), std::move(matching), std::move(data)));
}

}  // namespace kurrentlite

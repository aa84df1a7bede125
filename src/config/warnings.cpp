#include <algorithm>
#include <numeric>

#include "config/variables.hpp"

namespace kurrentlite {

namespace {

/// Insertions, deletions and replacements that turn `from` into `to`.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

const std::string& nearest_variable(std::string_view name) {
  const std::vector<std::string>& known = config::known_variables();
  return *std::min_element(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
    return edit_distance(name, a) < edit_distance(name, b);
  });
}

}  // namespace

std::vector<std::string> config_warnings(const Variables& variables, bool in_browser) {
  std::vector<std::string> warnings;
  const std::vector<std::string>& known = config::known_variables();
  std::vector<std::string> unknown;
  for (const auto& [name, value] : variables) {
    if (name.compare(0, config::kPrefix.size(), config::kPrefix) != 0) continue;
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    const bool is_repeated = std::find(unknown.begin(), unknown.end(), name) != unknown.end();
    if (!is_known && !is_repeated) unknown.push_back(name);
  }
  warnings.reserve(unknown.size() + 1);
  for (const std::string& name : unknown) {
    warnings.push_back(name + " is not a known variable and has no effect; did you mean " + nearest_variable(name) +
                       "?");
  }
  if (!in_browser) return warnings;

  std::string published;
  for (const Environment environment : {Environment::Staging, Environment::Mainnet}) {
    const std::string name = config::environment_variable(environment, "SECRET_KEY");
    if (!config::value_of(variables, name)) continue;
    published += (published.empty() ? "" : " and ") + name;
  }
  if (!published.empty()) {
    warnings.push_back(published +
                       ": everybody who opens the page can read this secret, because Vite publishes every VITE_ value. "
                       "Give it by createKurrentLite({ credentials }) or on the server only.");
  }
  return warnings;
}

}  // namespace kurrentlite

#include "services/query.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/utf8.hpp"

namespace kurrentlite::services {

namespace {

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// `needle` is lower case already.
bool mentions(std::string_view text, std::string_view needle) {
  return utf8::ascii_lower(text).find(needle) != std::string::npos;
}

bool mentions(const Stream& document, std::string_view needle) {
  if (mentions(document.id, needle) || mentions(document.name, needle)) return true;
  if (document.description && mentions(*document.description, needle)) return true;
  const std::vector<std::string>& tags = document.metadata.tags;
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) { return mentions(tag, needle); });
}

bool matches(const Stream& document, const StreamFilter& filter, const std::string& needle) {
  const bool status_fits = filter.status ? document.status == *filter.status : document.status != StreamStatus::Deleted;
  if (!status_fits) return false;
  if (filter.kind && document.kind != filter.kind) return false;
  if (filter.owner && document.metadata.owner != *filter.owner) return false;
  for (const std::string& tag : filter.tags) {
    if (!contains(document.metadata.tags, tag)) return false;
  }
  return needle.empty() || mentions(document, needle);
}

template <class T>
int compare(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Names order as in a telephone book: upper and lower case of ASCII letters together.
int compare_names(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto left = static_cast<unsigned char>(lower(a[i]));
    const auto right = static_cast<unsigned char>(lower(b[i]));
    if (left != right) return left < right ? -1 : 1;
  }
  return compare(a.size(), b.size());
}

int compare_by(StreamSort sort, const Stream& a, const Stream& b) {
  switch (sort) {
    case StreamSort::CreatedAt: return compare(a.metadata.created_at_ms, b.metadata.created_at_ms);
    case StreamSort::UpdatedAt: return compare(a.metadata.updated_at_ms, b.metadata.updated_at_ms);
    case StreamSort::Name: return compare_names(a.name, b.name);
    case StreamSort::Id: return compare(a.id, b.id);
  }
  return 0;
}

}  // namespace

StreamPage select(const std::vector<const Stream*>& documents, const StreamFilter& filter) {
  const std::string needle = utf8::ascii_lower(filter.search);
  std::vector<const Stream*> found;
  for (const Stream* document : documents) {
    if (matches(*document, filter, needle)) found.push_back(document);
  }
  StreamPage page;
  page.total = found.size();
  page.offset = filter.offset;
  page.limit = filter.limit;

  const auto begin = std::min<std::size_t>(filter.offset, found.size());
  const auto end = std::min<std::size_t>(begin + filter.limit, found.size());
  const auto before = [&](const Stream* a, const Stream* b) {
    const int order = compare_by(filter.sort, *a, *b);
    if (order != 0) return filter.descending ? order > 0 : order < 0;
    return a->id < b->id;
  };
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(end), found.end(), before);
  for (std::size_t i = begin; i < end; ++i) page.items.push_back(*found[i]);
  return page;
}

}  // namespace kurrentlite::services

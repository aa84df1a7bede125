#include "services/query/list_query.hpp"

#include <utility>

namespace kurrentlite::services {

namespace {

const char* path_of(StreamSort sort) {
  switch (sort) {
    case StreamSort::CreatedAt: return "createdAt";
    case StreamSort::UpdatedAt: return "updatedAt";
    case StreamSort::Name: return "name";
    case StreamSort::Id: return "id";
  }
  return "createdAt";
}

}  // namespace

StreamQuery query_of(const StreamFilter& filter) {
  std::vector<Condition> parts;
  if (filter.status) parts.push_back(field("status").eq(to_string(*filter.status)));
  if (filter.kind) parts.push_back(field("kind").eq(*filter.kind));
  if (filter.owner) parts.push_back(field("owner").eq(*filter.owner));
  for (const std::string& tag : filter.tags) parts.push_back(field("tags").contains(tag));
  StreamQuery query;
  query.where = all_of(std::move(parts));
  query.search = filter.search;
  query.sort.push_back({path_of(filter.sort), filter.descending, filter.sort == StreamSort::Name});
  query.limit = filter.limit;
  query.offset = filter.offset;
  query.total = true;
  return query;
}

}  // namespace kurrentlite::services

#include "event_codec.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace kurrentlite::bindings {
namespace {

constexpr std::size_t kRequestHeader = 32;
constexpr std::size_t kRequestEvent = 40;
/// How far from 1970 a count of 100 ns in 64 bits reaches: 29,000 years.
constexpr double kTimeMaxMs = 9.2e14;
constexpr std::size_t kPageHeader = 32;
constexpr std::size_t kPageEvent = 48;
constexpr std::size_t kIdJsonSize = 39;  // in quotes, with a comma

std::uint32_t load_u32(const char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, 4);
  return value;
}

std::uint32_t load_u16(const char* at) {
  std::uint16_t value = 0;
  std::memcpy(&value, at, 2);
  return value;
}

/// Cuts text by lengths in UTF-16 units. For ASCII text those are bytes.
class TextCutter {
 public:
  TextCutter(std::string_view text, std::uint64_t units) : text_(text), ascii_(text.size() == units) {}

  /// The next `units` UTF-16 units; stops at the end of the text.
  std::string_view cut(std::uint64_t units) {
    std::size_t size = ascii_ ? static_cast<std::size_t>(std::min<std::uint64_t>(units, text_.size()))
                              : utf8::size_of_units(text_, units);
    const std::string_view part = text_.substr(0, size);
    text_.remove_prefix(size);
    return part;
  }

 private:
  std::string_view text_;
  bool ascii_;
};

Error malformed() {
  return {ErrorCode::InvalidArgument, "The append request is malformed.", {{"field", std::string("request")}}};
}

}  // namespace

Buffer::~Buffer() { std::free(data_); }

char* Buffer::ensure(std::size_t size) {
  if (size <= size_) return data_;
  const std::size_t wanted = std::max(size, size_ + size_ / 2);
  std::free(data_);
  data_ = static_cast<char*>(std::malloc(wanted));
  size_ = data_ == nullptr ? 0 : wanted;
  return data_;
}

void Buffer::trim() {
  constexpr std::size_t kKept = std::size_t{1} << 20;
  if (size_ <= kKept) return;
  std::free(data_);
  data_ = nullptr;
  size_ = 0;
}

Result<AppendRequest> decode_append(const char* request, std::size_t size) {
  if (size < kRequestHeader) return malformed();
  const std::uint32_t count = load_u32(request);
  const std::uint32_t text_size = load_u32(request + 20);
  const std::uint32_t binary_size = load_u32(request + 24);
  const std::uint64_t needed =
      kRequestHeader + std::uint64_t{count} * kRequestEvent + std::uint64_t{text_size} + binary_size;
  if (needed > size) return malformed();

  AppendRequest result;
  std::uint64_t revision = 0;
  std::memcpy(&revision, request + 8, 8);
  const Result<ExpectedState> expected = expected_state_of(load_u32(request + 4), revision);
  if (!expected) return expected.error();
  result.expected = *expected;
  const char* const rows = request + kRequestHeader;
  const char* const text = rows + std::size_t{count} * kRequestEvent;
  std::uint64_t units = load_u32(request + 16);
  std::uint64_t binary_used = 0;
  const char* const binary_begin = text + text_size;
  // Of a part: what it takes of the text, and of the binary bytes.
  const auto measure = [&](std::uint32_t flags, std::uint32_t is_text, std::uint32_t is_shaped, std::uint32_t length) {
    if ((flags & is_shaped) != 0) {
      const bool has_size = binary_used + 2 <= binary_size;
      binary_used += std::uint64_t{2} + (has_size ? load_u16(binary_begin + binary_used) : 0);
      units += length;
    } else {
      ((flags & is_text) != 0 ? units : binary_used) += length;
    }
  };
  for (std::size_t i = 0; i < count; ++i) {
    const char* row = rows + i * kRequestEvent;
    const std::uint32_t flags = load_u32(row + 28);
    units += load_u32(row + 16);
    measure(flags, kMetadataIsText, kMetadataIsShaped, load_u32(row + 20));
    measure(flags, kDataIsText, kDataIsShaped, load_u32(row + 24));
    if (binary_used > binary_size) return malformed();
  }

  TextCutter cutter(std::string_view(text, text_size), units);
  const char* binary = binary_begin;
  const auto cut_binary = [&](std::uint32_t length) {
    const std::string_view part(binary, length);
    binary += length;
    return part;
  };
  result.stream = cutter.cut(load_u32(request + 16));
  result.events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* row = rows + i * kRequestEvent;
    const std::uint32_t flags = load_u32(row + 28);
    EventView event;
    std::memcpy(event.id.bytes.data(), row, 16);
    event.type = cutter.cut(load_u32(row + 16));
    event.content_type = (flags & kJson) != 0 ? ContentType::Json : ContentType::Binary;
    const auto take = [&](std::uint32_t is_text, std::uint32_t is_shaped, std::uint32_t length, std::string_view& head) {
      if ((flags & is_shaped) != 0) {
        head = cut_binary(2u + load_u16(binary));
        return cutter.cut(length);
      }
      return (flags & is_text) != 0 ? cutter.cut(length) : cut_binary(length);
    };
    event.metadata = take(kMetadataIsText, kMetadataIsShaped, load_u32(row + 20), event.metadata_head);
    event.data = take(kDataIsText, kDataIsShaped, load_u32(row + 24), event.data_head);
    event.metadata_shaped = (flags & kMetadataIsShaped) != 0;
    event.data_shaped = (flags & kDataIsShaped) != 0;
    const bool is_system = result.stream.starts_with('$') || event.type.starts_with('$');
    if ((event.metadata_shaped || event.data_shaped) && is_system) return malformed();
    if (event.data_shaped && (flags & kJson) == 0) return malformed();
    event.metadata_checked = !event.metadata_shaped && (flags & kMetadataIsText) != 0 && !event.metadata.empty();
    event.data_checked = !event.data_shaped && (flags & kDataIsText) != 0 && (flags & kJson) != 0 && !event.data.empty();
    double created_ms = 0;
    std::memcpy(&created_ms, row + 32, 8);
    if (std::abs(created_ms) <= kTimeMaxMs) event.created_ticks = static_cast<std::int64_t>(created_ms) * kTicksPerMillisecond;
    result.events.push_back(event);
  }
  return result;
}

Result<ExpectedState> expected_state_of(std::uint32_t tag, std::uint64_t revision) {
  switch (tag) {
    case 0: return ExpectedState(Any{});
    case 1: return ExpectedState(NoStream{});
    case 2: return ExpectedState(StreamExists{});
    case 3: return ExpectedState(StreamRevision{revision});
    default: return malformed();
  }
}

// Pages

void PageEncoder::add(const Record& record, bool live) {
  ++count_;
  if (!resolve_links_ || !engine_.is_link(record)) return add_row(record, 0);
  const std::optional<Record> target = engine_.resolve(record);
  const bool is_itself = target && target->address == record.address;
  if (!target || (is_itself && live)) return add_row(record, kIsLink | kLeadsNowhere);
  add_row(*target, 0);
  if (!is_itself) add_row(record, kIsLink);
}

void PageEncoder::fetch(const Record& record, bool is_data) {
  scratch_.resize(is_data ? record.data_size : record.metadata_size);
  if (is_data) {
    engine_.copy_data(record, scratch_.data());
  } else {
    engine_.copy_metadata(record, scratch_.data());
  }
}

void PageEncoder::add_row(const Record& record, std::uint32_t flags) {
  // What nobody vouches for is looked at here, each time: it came by other ways than from JavaScript.
  const auto kind_of = [&](bool is_data, std::uint32_t size, bool checked, std::uint32_t value, std::uint32_t text) {
    if (size == 0) return is_data ? text : 0u;
    if (checked) return value;
    fetch(record, is_data);
    if (!json::check(scratch_)) return value;
    return utf8::valid(scratch_) ? text : 0u;
  };
  Row row{record, flags};
  const auto add = [this](bool is_value, std::uint32_t size) {
    (is_value ? json_size_ : binary_size_) += size + (is_value ? 1 : 0);
  };
  const auto add_shaped = [this](std::uint32_t size, std::uint32_t tags) {
    shaped_size_ += size - 2;
    tags_size_ += tags;
    return tags;
  };
  json_size_ += kIdJsonSize;
  if (record.metadata_shaped) {
    row.flags |= kMetadataIsShaped;
    row.metadata_tags = add_shaped(record.metadata_size, tag_bytes(record, false));
  } else {
    row.flags |= kind_of(false, record.metadata_size, record.metadata_checked, kMetadataIsValue, kMetadataIsText);
    add((row.flags & kMetadataIsValue) != 0, record.metadata_size);
  }
  if (record.content_type == ContentType::Json) row.flags |= kJson;
  if (record.data_shaped) {
    row.flags |= kDataIsShaped;
    row.data_tags = add_shaped(record.data_size, tag_bytes(record, true));
  } else {
    if ((row.flags & kJson) != 0) {
      row.flags |= kind_of(true, record.data_size, record.data_checked, kDataIsValue, kDataIsText);
    }
    add((row.flags & kDataIsValue) != 0, record.data_size);
  }
  rows_.push_back(row);
}

std::uint32_t PageEncoder::tag_bytes(const Record& record, bool is_data) const {
  const std::uint32_t size = is_data ? record.data_size : record.metadata_size;
  char bytes[2] = {};
  if (size < 2) return 0;
  if (is_data) {
    engine_.copy_data(record, 0, 2, bytes);
  } else {
    engine_.copy_metadata(record, 0, 2, bytes);
  }
  return std::min(load_u16(bytes), size - 2);
}

Result<char*> PageEncoder::finish(const Trailer& trailer) {
  const std::uint64_t size = kPageHeader + rows_.size() * kPageEvent + json_size() + shaped_size_ + binary_size_;
  char* const page = size > SIZE_MAX ? nullptr : buffer_.ensure(static_cast<std::size_t>(size));
  if (page == nullptr) {
    return Error{ErrorCode::OutOfMemory, "There is no memory left to read a page of events.", {{"requestedBytes", size}}};
  }
  write(page, trailer);
  return page;
}

void PageEncoder::write(char* page, const Trailer& trailer) const {
  const std::uint32_t header[4] = {static_cast<std::uint32_t>(rows_.size()), static_cast<std::uint32_t>(json_size()),
                                   static_cast<std::uint32_t>(tags_size_), trailer.flags};
  std::memcpy(page, header, sizeof header);
  std::memcpy(page + 16, &trailer.place, 8);
  std::memcpy(page + 24, &trailer.now_ms, 8);
  char* row = page + kPageHeader;
  char* json = row + rows_.size() * kPageEvent;
  char* tags = json + json_size();
  char* text = tags + tags_size_;
  char* binary = text + (shaped_size_ - tags_size_);
  *json++ = '[';
  for (const auto& [record, flags, metadata_tags, data_tags] : rows_) {
    const std::uint32_t names[2] = {record.stream, record.type};
    const std::uint64_t numbers[2] = {record.revision.value, record.position().commit};
    const double created_ms = static_cast<double>(record.created_ticks / kTicksPerMillisecond);
    std::memcpy(row, names, 8);
    std::memcpy(row + 8, numbers, 16);
    std::memcpy(row + 24, &created_ms, 8);
    *json++ = '"';
    record.id.write(json);
    json += kIdJsonSize - 3;
    *json++ = '"';
    *json++ = ',';
    const char* const text_begin = text;
    if (record.metadata_shaped) {
      engine_.copy_metadata(record, 2, metadata_tags, tags);
      tags += metadata_tags;
      const std::uint32_t rest = record.metadata_size - 2 - metadata_tags;
      engine_.copy_metadata(record, 2 + metadata_tags, rest, text);
      text += rest;
    } else {
      const bool is_value = (flags & kMetadataIsValue) != 0;
      char*& to = is_value ? json : binary;
      engine_.copy_metadata(record, to);
      to += record.metadata_size;
      if (is_value) *json++ = ',';
    }
    if (record.data_shaped) {
      engine_.copy_data(record, 2, data_tags, tags);
      tags += data_tags;
      const std::uint32_t rest = record.data_size - 2 - data_tags;
      engine_.copy_data(record, 2 + data_tags, rest, text);
      text += rest;
    } else {
      const bool is_value = (flags & kDataIsValue) != 0;
      char*& to = is_value ? json : binary;
      engine_.copy_data(record, to);
      to += record.data_size;
      if (is_value) *json++ = ',';
    }
    const std::uint32_t tail[4] = {record.metadata_size, record.data_size, flags,
                                   static_cast<std::uint32_t>(text - text_begin)};
    std::memcpy(row + 32, tail, 16);
    row += kPageEvent;
  }
  if (rows_.empty()) ++json;
  json[-1] = ']';
}

}  // namespace kurrentlite::bindings

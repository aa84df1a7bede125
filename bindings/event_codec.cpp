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

/// Cuts text by lengths in UTF-16 units. For ASCII text those are bytes.
class TextCutter {
 public:
  TextCutter(std::string_view text, std::uint64_t units) : text_(text), ascii_(text.size() == units) {}

  /// The next `units` UTF-16 units; stops at the end of the text.
  std::string_view cut(std::uint64_t units) {
    std::size_t size = ascii_ ? static_cast<std::size_t>(std::min<std::uint64_t>(units, text_.size())) : measure(units);
    const std::string_view part = text_.substr(0, size);
    text_.remove_prefix(size);
    return part;
  }

 private:
  [[nodiscard]] std::size_t measure(std::uint64_t units) const {
    std::size_t at = 0;
    while (units > 0 && at < text_.size()) {
      const std::uint8_t lead = static_cast<std::uint8_t>(text_[at]);
      const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      const std::uint64_t taken = length == 4 ? 2 : 1;
      units -= std::min(units, taken);
      at += length;
    }
    return std::min(at, text_.size());
  }

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
  for (std::size_t i = 0; i < count; ++i) {
    const char* row = rows + i * kRequestEvent;
    const std::uint32_t flags = load_u32(row + 28);
    units += load_u32(row + 16);
    ((flags & kMetadataIsText) != 0 ? units : binary_used) += load_u32(row + 20);
    ((flags & kDataIsText) != 0 ? units : binary_used) += load_u32(row + 24);
  }
  if (binary_used > binary_size) return malformed();

  TextCutter cutter(std::string_view(text, text_size), units);
  const char* binary = text + text_size;
  const auto take = [&](bool is_text, std::uint32_t length) {
    if (is_text) return cutter.cut(length);
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
    event.metadata = take((flags & kMetadataIsText) != 0, load_u32(row + 20));
    event.data = take((flags & kDataIsText) != 0, load_u32(row + 24));
    event.metadata_checked = (flags & kMetadataIsText) != 0 && !event.metadata.empty();
    event.data_checked = (flags & kDataIsText) != 0 && (flags & kJson) != 0 && !event.data.empty();
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
  const std::uint32_t metadata =
      kind_of(false, record.metadata_size, record.metadata_checked, kMetadataIsValue, kMetadataIsText);
  const std::uint32_t data = record.content_type == ContentType::Json
                                 ? kJson | kind_of(true, record.data_size, record.data_checked, kDataIsValue, kDataIsText)
                                 : 0u;
  flags |= metadata | data;
  json_size_ += kIdJsonSize;
  const auto add = [this](bool is_value, std::uint32_t size) { (is_value ? json_size_ : binary_size_) += size + (is_value ? 1 : 0); };
  add((flags & kMetadataIsValue) != 0, record.metadata_size);
  add((flags & kDataIsValue) != 0, record.data_size);
  rows_.push_back({record, flags});
}

Result<char*> PageEncoder::finish(const Trailer& trailer) {
  const std::uint64_t size = kPageHeader + rows_.size() * kPageEvent + json_size() + binary_size_;
  char* const page = size > SIZE_MAX ? nullptr : buffer_.ensure(static_cast<std::size_t>(size));
  if (page == nullptr) {
    return Error{ErrorCode::OutOfMemory, "There is no memory left to read a page of events.", {{"requestedBytes", size}}};
  }
  write(page, trailer);
  return page;
}

void PageEncoder::write(char* page, const Trailer& trailer) const {
  const std::uint32_t header[4] = {static_cast<std::uint32_t>(rows_.size()), static_cast<std::uint32_t>(json_size()), 0,
                                   trailer.flags};
  std::memcpy(page, header, sizeof header);
  std::memcpy(page + 16, &trailer.place, 8);
  std::memcpy(page + 24, &trailer.now_ms, 8);
  char* row = page + kPageHeader;
  char* json = row + rows_.size() * kPageEvent;
  char* binary = json + json_size();
  *json++ = '[';
  for (const auto& [record, flags] : rows_) {
    const std::uint32_t names[2] = {record.stream, record.type};
    const std::uint64_t numbers[2] = {record.revision.value, record.position().commit};
    const double created_ms = static_cast<double>(record.created_ticks / kTicksPerMillisecond);
    const std::uint32_t tail[4] = {record.metadata_size, record.data_size, flags, 0};
    std::memcpy(row, names, 8);
    std::memcpy(row + 8, numbers, 16);
    std::memcpy(row + 24, &created_ms, 8);
    std::memcpy(row + 32, tail, 16);
    row += kPageEvent;
    *json++ = '"';
    record.id.write(json);
    json += kIdJsonSize - 3;
    *json++ = '"';
    *json++ = ',';
    const bool metadata_is_value = (flags & kMetadataIsValue) != 0;
    char*& metadata_to = metadata_is_value ? json : binary;
    engine_.copy_metadata(record, metadata_to);
    metadata_to += record.metadata_size;
    if (metadata_is_value) *json++ = ',';
    const bool data_is_value = (flags & kDataIsValue) != 0;
    char*& data_to = data_is_value ? json : binary;
    engine_.copy_data(record, data_to);
    data_to += record.data_size;
    if (data_is_value) *json++ = ',';
  }
  if (rows_.empty()) ++json;
  json[-1] = ']';
}

}  // namespace kurrentlite::bindings

#pragma once

#include <string>

#include "base/json.hpp"
#include "kurrentlite/models.hpp"

namespace kurrentlite::services {

/// Writes a document in the shape in which TypeScript sees it, times as milliseconds; its data byte for byte.
void write_document(json::Writer& out, const Stream& document);
[[nodiscard]] std::string document_json(const Stream& document);

}  // namespace kurrentlite::services

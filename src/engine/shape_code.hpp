#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/shapes.hpp"

/// Shape code: a JSON value as JavaScript writes it when it knows the shapes of the objects in it, and reads it back by
/// plain assignment (web/src/wasm/shape_code). Less than half the bytes of JSON text, since keys are written once per
/// database. The core itself only passes it on, and writes it as JSON where JSON is asked for.
///
///     u16 tag bytes (little-endian) · tags · text (UTF-8): the strings of the value, one behind the other
///
///     tag 0-191      a string of so many UTF-16 units of the text
///     192 u32        a string of so many units
///     193 u32        a part of the value as so many units of JSON text
///     194 u8         a number as so many units of text, as JavaScript writes it
///     195 196 197    null, false, true
///     198 u8, 199 u16, 200 i32   an integer
///     201 i32        a number in hundredths
///     202 u16        an object of that shape, then the tags of its values
///     203 u32        an array of so many elements, then their tags
namespace kurrentlite::shape_code {

/// Arrays and objects inside each other.
inline constexpr std::size_t kDepthMax = 32;
/// No byte of code becomes more bytes of JSON than this: the tag of null, with its key and a comma.
inline constexpr std::size_t kGrowthMax = Shapes::kKeyBytesMax + 8;

/// Appends the JSON text of `code`, byte for byte what JSON.stringify wrote. Code that is damaged becomes null.
void append_json(std::string& out, std::string_view code, const Shapes& shapes);

/// Makes code from elsewhere mean the same here: `number_here` says which number among `shapes` a shape there has. False when
/// the code is damaged, a shape is unknown (`number_here` answers nothing), or JSON text in it is none.
[[nodiscard]] bool renumber(std::string& code, const Shapes& shapes,
                            const std::function<std::optional<std::uint16_t>(std::uint16_t)>& number_here);

}  // namespace kurrentlite::shape_code

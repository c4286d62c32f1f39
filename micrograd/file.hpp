// Files as a whole: read into memory, or written so that no reader and no crash ever sees half of one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace micrograd {

/// The bytes of a file. Throws IoError, naming the file and the reason, if it cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

/// Writes `bytes` to a temporary file in the same folder, brings it to disk, and renames it to `file`. Until
/// the rename an older file of that name stays as it is. Throws IoError, naming the file and the reason; the
/// temporary file is then gone.
void write_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace micrograd

// Files as a whole: read into memory, or written so that no reader and no crash ever sees half of one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace micrograd {

/// The bytes of a file. Throws IoError, naming the file and the reason, if it cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

/// Writes `bytes` to a temporary file in the same folder, brings it to disk, and renames it to `file`. Until
/// the rename an older file of that name stays as it is, and its rights are kept. Links are followed; to a
/// device or a pipe the bytes are written as they are. Throws IoError, naming the file and the reason; the
/// temporary file is then gone.
void write_file(const std::filesystem::path& file, std::string_view bytes);

/// Adds `bytes` at the end of `file`, which is made if need be. They need not be on disk yet: see sync_file.
/// Throws IoError, naming the file and the reason.
void append_to_file(const std::filesystem::path& file, std::string_view bytes);

/// Returns when all that was written to `file` is on disk. Throws IoError, naming the file and the reason.
void sync_file(const std::filesystem::path& file);

/// Removes the temporary files that calls of `write_file(file, …)` left when their program was killed. No
/// other program may be writing `file`.
void remove_unfinished(const std::filesystem::path& file);

}  // namespace micrograd

// Whole files over POSIX calls, which (unlike streams) say why something failed.
#include <micrograd/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

[[noreturn]] void fail(const char* who, const std::filesystem::path& file, int error) {
  throw IoError(std::string(who) + ": " + file.string() + ": " + std::generic_category().message(error));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { static_cast<void>(close()); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  int close() { return number_ < 0 ? 0 : ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

std::string read_file(const std::filesystem::path& file) {
  Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.number() < 0) fail("read_file", file, errno);
  std::string bytes;
  struct stat status{};
  if (::fstat(in.number(), &status) == 0 && S_ISREG(status.st_mode)) {
    bytes.reserve(static_cast<std::size_t>(status.st_size));
  }
  for (;;) {
    constexpr std::size_t step = std::size_t{1} << 16;
    const std::size_t size = bytes.size();
    bytes.resize(size + step);
    const ssize_t got = ::read(in.number(), bytes.data() + size, step);
    bytes.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read_file", file, errno);
    if (got == 0) return bytes;
  }
}

namespace {

/// Where the bytes are to go: the file behind links, as it stands. A device or pipe cannot be replaced.
struct Target {
  std::filesystem::path path;
  bool replaceable = true;
  mode_t mode = 0;  ///< rights to give; those of an older file, or of any new one
};

Target target_of(const std::filesystem::path& file) {
  Target target{.path = file};
  struct stat status{};
  if (::stat(file.c_str(), &status) == 0) {
    // Renaming onto a read-only file would succeed: only the folder's rights count for that.
    if (::access(file.c_str(), W_OK) != 0) fail("write_file", file, errno);
    target.replaceable = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
    target.mode = status.st_mode & 0777;
    if (target.replaceable) target.path = std::filesystem::canonical(file);
    return target;
  }
  const mode_t mask = ::umask(0);
  ::umask(mask);
  target.mode = 0666 & ~mask;
  return target;
}

int write_in_place(const std::filesystem::path& file, std::string_view bytes) {
  Descriptor out(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (out.number() < 0) return errno;
  const int error = write_all(out.number(), bytes);
  return out.close() != 0 && error == 0 ? errno : error;
}

/// A new name is certain to be found after a power cut only when the folder too is on disk. Not every file
/// system can do that, and the file itself is safe, so this may fail quietly.
void sync_folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() >= 0) static_cast<void>(::fsync(opened.number()));
}

}  // namespace

void write_file(const std::filesystem::path& file, std::string_view bytes) {
  const Target target = target_of(file);
  if (!target.replaceable) {
    const int error = write_in_place(target.path, bytes);
    if (error != 0) fail("write_file", file, error);
    return;
  }
  std::string temporary = target.path.string() + ".XXXXXX";
  Descriptor out(::mkostemp(temporary.data(), O_CLOEXEC));
  if (out.number() < 0) fail("write_file", file, errno);
  int error = write_all(out.number(), bytes);
  if (error == 0 && ::fchmod(out.number(), target.mode) != 0) error = errno;
  if (error == 0 && ::fsync(out.number()) != 0) error = errno;
  if (out.close() != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), target.path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    fail("write_file", file, error);
  }
  sync_folder_of(target.path);
}

void append_to_file(const std::filesystem::path& file, std::string_view bytes) {
  Descriptor out(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  if (out.number() < 0) fail("append_to_file", file, errno);
  int error = write_all(out.number(), bytes);
  if (out.close() != 0 && error == 0) error = errno;
  if (error != 0) fail("append_to_file", file, error);
}

void sync_file(const std::filesystem::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.number() < 0 || ::fsync(opened.number()) != 0) fail("sync_file", file, errno);
}

void remove_unfinished(const std::filesystem::path& file) {
  constexpr std::size_t random_letters = 6;
  const std::string begin = file.filename().string() + '.';
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() != begin.size() + random_letters || !name.starts_with(begin)) continue;
    if (name.find('.', begin.size()) == name.npos) std::filesystem::remove(entry.path(), error);
  }
}

}  // namespace micrograd

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

void write_file(const std::filesystem::path& file, std::string_view bytes) {
  std::string temporary = file.string() + ".XXXXXX";
  Descriptor out(::mkostemp(temporary.data(), O_CLOEXEC));
  if (out.number() < 0) fail("write_file", file, errno);
  int error = write_all(out.number(), bytes);
  // A temporary file is private; the result gets the rights that any new file gets.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (error == 0 && ::fchmod(out.number(), 0666 & ~mask) != 0) error = errno;
  if (error == 0 && ::fsync(out.number()) != 0) error = errno;
  if (out.close() != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    fail("write_file", file, error);
  }
}

}  // namespace micrograd

// The command on a terminal, with a person at it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace micrograd::command {

/// The command on a terminal of its own, at which the test sits.
class Session {
 public:
  explicit Session(const std::string& arguments, const std::string& variables = "",
                   unsigned short columns = 60) {
    winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    if (openpty(&person_, &terminal_, nullptr, nullptr, &size) != 0) throw std::runtime_error("no terminal");
    tcgetattr(terminal_, &before_);
    child_ = fork();
    if (child_ == 0) {
      close(person_);
      login_tty(terminal_);
      setenv("TERM", "xterm", 1);
      unsetenv("NO_COLOR");
      const std::string line = "exec env " + variables + " '" MICROGRAD_COMMAND "' " + arguments;
      execl("/bin/sh", "sh", "-c", line.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
  }
  ~Session() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    close(person_);
    close(terminal_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void type(const std::string& keys) const {
    ASSERT_EQ(write(person_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }

  void send(int signal) const { kill(child_, signal); }

  /// What is shown up to and with `end`; what there is after ten seconds if that does not come.
  std::string until(const std::string& end) {
    std::string shown;
    while (shown.find(end) == shown.npos) {
      pollfd input{.fd = person_, .events = POLLIN, .revents = 0};
      char byte = 0;
      if (poll(&input, 1, 10'000) != 1 || ::read(person_, &byte, 1) != 1) break;
      shown += byte;
    }
    return shown;
  }

  int exit_code() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

  bool is_as_before() const { return modes() == before_.c_lflag; }
  tcflag_t modes() const {
    termios now{};
    tcgetattr(terminal_, &now);
    return now.c_lflag;
  }

 private:
  int person_ = -1, terminal_ = -1;
  pid_t child_ = 0;
  termios before_{};
};

}  // namespace micrograd::command

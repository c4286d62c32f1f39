// Single keys from the terminal on standard input, which is left as it was found on every way out.
#pragma once

#include <csignal>
#include <cstdint>

#include <termios.h>

namespace micrograd::command {

/// While it lives, keys arrive one by one and unseen, and signals that would end the program (Ctrl-C for one)
/// are reported in place of a key. Only one may live at a time, on one thread.
class Keyboard {
 public:
  /// Throws IoError if standard input is no terminal.
  Keyboard();
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  enum class Event : std::uint8_t {
    key,      ///< `key()` says which
    resumed,  ///< the program had been stopped by Ctrl-Z, and what it had written may be gone
    ended,    ///< there will be no more keys, or `signal()` asks to end
  };
  Event wait();
  char key() const { return key_; }
  int signal() const { return signal_; }  ///< 0 if there was none

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  static constexpr int kSignalCount = 5;

  void listen() const;
  void stop_for_a_while() const;

  termios before_{};
  sigset_t mask_before_{};
  struct sigaction actions_before_[kSignalCount]{};
  char key_ = 0;
  int signal_ = 0;
};

}  // namespace micrograd::command

// Waits for a key or a signal, whichever comes first.
#include "keyboard.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include <micrograd/error.hpp>

namespace micrograd::command {
namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void note_signal(int signal) { caught = signal; }

}  // namespace

Keyboard::Keyboard() {
  if (tcgetattr(STDIN_FILENO, &before_) != 0) throw IoError("keyboard: standard input is not a terminal");
  caught = 0;
  // The signals are blocked except while we wait, so that none falls between looking and waiting.
  sigset_t blocked;
  sigemptyset(&blocked);
  struct sigaction action{};
  action.sa_handler = note_signal;
  for (int i = 0; i < kSignalCount; ++i) {
    sigaddset(&blocked, kSignals[i]);
    sigaction(kSignals[i], &action, &actions_before_[i]);
  }
  sigprocmask(SIG_BLOCK, &blocked, &mask_before_);
  listen();
}

Keyboard::~Keyboard() {
  tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  for (int i = 0; i < kSignalCount; ++i) sigaction(kSignals[i], &actions_before_[i], nullptr);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

void Keyboard::listen() const {
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void Keyboard::stop_for_a_while() const {
  tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  raise(SIGSTOP);
  listen();
}

Keyboard::Event Keyboard::wait() {
  while (true) {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int ready = ppoll(&input, 1, nullptr, &mask_before_);
    if (ready < 0 && errno != EINTR) return Event::ended;
    if (caught == SIGTSTP) {
      caught = 0;
      stop_for_a_while();
      return Event::resumed;
    }
    if (caught != 0) {
      signal_ = caught;
      return Event::ended;
    }
    if (ready <= 0) continue;  // another signal, such as that of a changed window
    const ssize_t count = read(STDIN_FILENO, &key_, 1);
    if (count < 0 && errno == EINTR) continue;
    return count == 1 ? Event::key : Event::ended;
  }
}

}  // namespace micrograd::command

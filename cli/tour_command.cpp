// `micrograd tour`: lists the lessons, and plays one: step by step where somebody watches, else all at once.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>

#include "commands.hpp"
#include "keyboard.hpp"
#include "lessons.hpp"
#include "terminal.hpp"
#include "typeset.hpp"

namespace micrograd::command {
namespace {

struct TourArguments {
  std::string lesson;
  std::string language;
};

/// What the command itself says.
struct Phrases {
  std::string_view list;
  std::string_view prompt;
  std::string_view next;
};

Phrases words_in(Language language) {
  if (language == Language::chinese) {
    return {.list = "课程（播放：micrograd tour 名称）：",
            .prompt = "{}/{}  空格：继续，q：退出",
            .next = "下一课：micrograd tour {}"};
  }
  return {.list = "Lessons (to play one: micrograd tour NAME):",
          .prompt = "{}/{}  space: go on, q: quit",
          .next = "The next lesson: micrograd tour {}"};
}

void print(const std::vector<Line>& lines) {
  for (const Line& line : lines) std::cout << line.text << '\n';
}

void list_lessons(const std::filesystem::path& folder, Language language) {
  const std::vector<std::string> names = lesson_names(folder);
  std::size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  const Terminal terminal = standard_output();
  print(typeset({{std::string(words_in(language).list), Look::plain}}, 0, terminal));
  std::cout << '\n';
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string number = fmt::format("{:>2}  ", i + 1);
    const std::size_t margin = number.size() + longest + 2;
    // A title is Markdown too: names in it are code.
    const std::vector<Block> title = parse_markdown(read_lesson(folder, names[i], language), folder);
    Terminal narrower = terminal;
    narrower.columns -= std::min(narrower.columns - 1, margin);
    const std::vector<Line> lines = typeset(title.empty() ? Spans{} : title.front().spans, 0, narrower);
    for (std::size_t j = 0; j < lines.size(); ++j) {
      std::cout << (j == 0 ? fmt::format("{}{:<{}}  ", number, names[i], longest) : std::string(margin, ' '))
                << lines[j].text << '\n';
    }
  }
}

/// The blocks up to the next output or heading: there the reader may stop, and guess what comes.
std::vector<std::span<const Block>> steps_of(const std::vector<Block>& blocks) {
  std::vector<std::span<const Block>> steps;
  std::size_t first = 0;
  for (std::size_t i = 1; i <= blocks.size(); ++i) {
    const bool ends =
        i == blocks.size() || blocks[i].kind == Block::Kind::heading || blocks[i].kind == Block::Kind::output;
    if (!ends) continue;
    steps.emplace_back(blocks.data() + first, i - first);
    first = i;
  }
  return steps;
}

/// How many lines of the window a line takes, the terminal wrapping what is too long.
std::size_t height(const Line& line, const Terminal& terminal) {
  return std::max<std::size_t>(1, (line.width + terminal.columns - 1) / terminal.columns);
}

/// The lines that fill a window; at a blank line if that does not leave most of it empty.
std::size_t window_of(std::span<const Line> lines, const Terminal& terminal) {
  const std::size_t room = std::max<std::size_t>(terminal.rows, 4) - 2;  // the prompt, and a line seen before
  std::size_t used = 0, blank = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    used += height(lines[i], terminal);
    if (used > room) return blank > 0 ? blank : std::max<std::size_t>(i, 1);
    if (lines[i].width == 0 && used > room / 2) blank = i;
  }
  return lines.size();
}

class Player {
 public:
  Player(std::span<const std::span<const Block>> steps, Phrases words) : steps_(steps), words_(words) {}

  /// The exit code if the reader leaves early.
  std::optional<int> play() {
    for (; step_ < steps_.size(); ++step_) {
      // Set anew for each step: the window may have been made wider.
      const std::vector<Line> lines = typeset(steps_[step_], standard_output());
      std::span<const Line> rest(lines);
      while (!rest.empty()) {
        const std::size_t count = window_of(rest, standard_output());
        for (const Line& line : rest.first(count)) std::cout << line.text << '\n';
        rest = rest.subspan(count);
        const bool at_end = rest.empty() && step_ + 1 == steps_.size();
        if (at_end) continue;
        if (const std::optional<int> exit_code = wait()) return exit_code;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<int> wait() {
    show_prompt();
    while (true) {
      const Keyboard::Event event = keyboard_.wait();
      if (event == Keyboard::Event::resumed) {
        show_prompt();
        continue;
      }
      const bool quits = event == Keyboard::Event::key && (keyboard_.key() == 'q' || keyboard_.key() == 'Q');
      if (event == Keyboard::Event::key && !quits && keyboard_.key() != ' ' && keyboard_.key() != '\n')
        continue;
      std::cout << "\r\x1b[K" << std::flush;
      if (event == Keyboard::Event::key && !quits) return std::nullopt;
      return keyboard_.signal() == 0 ? 0 : 128 + keyboard_.signal();
    }
  }

  void show_prompt() const {
    const Terminal terminal = standard_output();
    const std::string text = fmt::format(fmt::runtime(words_.prompt), step_ + 1, steps_.size());
    const bool fits = display_width(text) < terminal.columns;
    const std::string shown = fits ? text : fmt::format("{}/{}", step_ + 1, steps_.size());
    std::cout << "\r\x1b[K" << (terminal.colour ? "\x1b[7m" + shown + "\x1b[0m" : shown) << std::flush;
  }

  std::span<const std::span<const Block>> steps_;
  Phrases words_;
  std::size_t step_ = 0;
  Keyboard keyboard_;
};

int play_lesson(const std::filesystem::path& folder, const std::string& wanted, Language language) {
  const std::vector<std::string> names = lesson_names(folder);
  const std::string name = find_lesson(names, wanted);
  std::vector<Block> blocks = parse_markdown(read_lesson(folder, name, language), folder);
  if (!blocks.empty()) blocks.front().close = true;  // nothing stands above it
  if (!standard_output().live || isatty(STDIN_FILENO) != 1) {
    print(typeset(blocks, standard_output()));
    return 0;
  }
  const Phrases words = words_in(language);
  const std::vector<std::span<const Block>> steps = steps_of(blocks);
  if (const std::optional<int> exit_code = Player(steps, words).play()) return *exit_code;
  const auto at = std::find(names.begin(), names.end(), name);
  if (at + 1 != names.end()) std::cout << '\n' << fmt::format(fmt::runtime(words.next), *(at + 1)) << '\n';
  return 0;
}

}  // namespace

void add_tour_command(CLI::App& app, Run& run) {
  CLI::App* const command =
      app.add_subcommand("tour", "a learner's questions, answered by programs and what they print");
  const auto arguments = std::make_shared<TourArguments>();
  command->add_option("lesson", arguments->lesson,
                      "the lesson to play, by name or number; without it, the list");
  command->add_option("--lang", arguments->language, "zh or en; by default what the locale says")
      ->check(CLI::IsMember({"zh", "en"}));
  command->footer(
      "In a terminal a lesson stops before each output and each section: space or enter goes on, q ends.\n"
      "If its output or input is not a terminal, it comes all at once.\n\nExamples:\n"
      "  micrograd tour\n"
      "  micrograd tour closures\n"
      "  micrograd tour closures --lang zh | less");
  command->callback([command, arguments, &run] {
    run = [command, arguments] {
      const Language language = choose_language(arguments->language);
      const std::filesystem::path folder = lessons_folder();
      if (command->get_option("lesson")->count() > 0) return play_lesson(folder, arguments->lesson, language);
      list_lessons(folder, language);
      return 0;
    };
  });
}

}  // namespace micrograd::command

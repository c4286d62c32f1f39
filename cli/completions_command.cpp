// `micrograd completions SHELL`: a script that completes subcommands and options, written from the command
// line's own description and the list of lessons, so that it cannot fall behind.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <micrograd/error.hpp>
#include "commands.hpp"
#include "lessons.hpp"
#include "setting_words.hpp"

namespace micrograd::command {
namespace {

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// What may stand after the command's name and is no file. Without the lessons there is still the rest.
std::vector<std::string> words_after(const CLI::App& command) {
  if (command.get_name() == "completions") return {"bash", "zsh", "fish"};
  if (command.get_name() != "tour") return {};
  try {
    return lesson_names(lessons_folder());
  } catch (const IoError&) {
    return {};
  }
}

/// Whether what stands after the command's name may be two files, divided by a comma.
bool takes_two_files(const CLI::App& command) {
  return command.get_name() == "predict" || command.get_name() == "evaluate";
}

/// An option, and the words that may be its value; with `several`, also more of them, divided by commas.
struct Values {
  std::string option, words;
  bool several;
};

/// Every option of `command` whose values can be listed.
std::vector<Values> listed_values(const CLI::App& command) {
  std::vector<Values> values;
  if (command.get_name() != "train") return values;
  for (const CLI::Option* const option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      const std::string words = joined(words_for(name));
      if (!words.empty()) values.push_back({name, words, takes_several_words(name)});
    }
  }
  return values;
}

/// Help texts go into single quotes.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string bash_script(const CLI::App& app) {
  std::string cases, value_cases;
  for (const CLI::App* const command : subcommands(app)) {
    cases += fmt::format("    {}) options='{}' words='{}'{} ;;\n", command->get_name(),
                         joined(long_options(*command)), joined(words_after(*command)),
                         takes_two_files(*command) ? " pair=yes" : "");
    for (const auto& [option, values, several] : listed_values(*command)) {
      value_cases += fmt::format("    {}:--{}) words='{}'{} ;;\n", command->get_name(), option, values,
                                 several            ? " several=yes"
                                 : option == "data" ? " pair=yes"
                                                    : "");
    }
  }
  return fmt::format(R"(# bash completion of micrograd; load it with: source <(micrograd completions bash)
_micrograd() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words='{}' options= several= before= pair=
  if (( COMP_CWORD > 1 )); then
    case ${{COMP_WORDS[1]}} in
{}    *) words= ;;
    esac
    [[ $word != -* ]] || words=$options
    case ${{COMP_WORDS[1]}}:${{COMP_WORDS[COMP_CWORD-1]}} in
{}    esac
  fi
  if [[ $several && $word == *,* ]]; then
    before=${{word%,*}}, word=${{word##*,}}
  fi
  COMPREPLY=($(compgen -P "$before" -W "$words" -- "$word"))
  if [[ $pair && $word == *,* && ${{#COMPREPLY[@]}} = 0 ]]; then
    COMPREPLY=($(compgen -P "${{word%,*}}," -f -- "${{word##*,}}"))
    compopt -o nospace 2>/dev/null
  fi
}}
complete -o default -F _micrograd micrograd
)",
                     joined(names_of_subcommands(app)) + " " + joined(long_options(app)), cases, value_cases);
}

std::string zsh_script(const CLI::App& app) {
  std::string commands, cases, word_cases, value_cases;
  for (const CLI::App* const command : subcommands(app)) {
    commands += fmt::format("    {}\n", quoted(command->get_name() + ":" + command->get_description()));
    cases += fmt::format("    {}) compadd -- {} ;;\n", command->get_name(), joined(long_options(*command)));
    if (const std::string words = joined(words_after(*command)); !words.empty())
      word_cases += fmt::format("    {}) compadd -- {} ;;\n", command->get_name(), words);
    for (const auto& [option, values, several] : listed_values(*command)) {
      value_cases += fmt::format("    {}:--{}) {}compadd -- {} ;;\n", command->get_name(), option,
                                 several ? "compset -P '*,'; " : "", values);
    }
  }
  return fmt::format(R"(#compdef micrograd
# zsh completion of micrograd; put this file where $fpath looks, as _micrograd
local -a commands=(
{})
if (( CURRENT == 2 )); then
  _describe command commands
elif [[ $PREFIX == -* ]]; then
  case $words[2] in
{}  esac
else
  case $words[2] in
{}    *) _files || {{ compset -P '*,' && _files; }} ;;
  esac
  case $words[2]:$words[CURRENT-1] in
{}  esac
fi
)",
                     commands, cases, word_cases, value_cases);
}

std::string fish_script(const CLI::App& app) {
  std::string script = "# fish completion of micrograd; load it with: micrograd completions fish | source\n";
  for (const CLI::App* const command : subcommands(app)) {
    script += fmt::format("complete -c micrograd -n __fish_use_subcommand -a {} -d {}\n", command->get_name(),
                          quoted(command->get_description()));
    if (const std::string words = joined(words_after(*command)); !words.empty()) {
      script += fmt::format("complete -c micrograd -f -n '__fish_seen_subcommand_from {}' -a {}\n",
                            command->get_name(), quoted(words));
    }
    for (const auto& [option, values, several] : listed_values(*command)) {
      script += fmt::format(
          "complete -c micrograd -n '__fish_seen_subcommand_from {}' -l {} -r -a {}\n", command->get_name(),
          option,
          quoted(several ? "(__fish_complete_list , \"string split ' ' '" + values + "'\")" : values));
    }
    for (const CLI::Option* const option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        script += fmt::format("complete -c micrograd -n '__fish_seen_subcommand_from {}' -l {} -d {}\n",
                              command->get_name(), name, quoted(option->get_description()));
      }
    }
  }
  return script;
}

}  // namespace

std::vector<std::string> long_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> names_of_subcommands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const command : subcommands(app)) names.push_back(command->get_name());
  return names;
}

void add_completions_command(CLI::App& app, Run& run) {
  CLI::App* const command =
      app.add_subcommand("completions", "print a script that completes this command in a shell");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &run, shell] {
    run = [&app, shell] {
      std::cout << (*shell == "bash"  ? bash_script(app)
                    : *shell == "zsh" ? zsh_script(app)
                                      : fish_script(app));
      return 0;
    };
  });
}

}  // namespace micrograd::command

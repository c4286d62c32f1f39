// What the library can list is asked of it; the rest is listed here.
#include "setting_words.hpp"

#include <map>

#include <micrograd/nn/activation.hpp>
#include <micrograd/nn/initialiser.hpp>
#include <micrograd/nn/name.hpp>
#include <micrograd/train/named.hpp>

namespace micrograd::command {
namespace {

using Words = std::vector<std::string>;

template <class Kinds>
Words names_of(const Kinds& kinds) {
  Words words;
  for (const auto kind : kinds) words.push_back(micrograd::lower_case(name(kind)));
  return words;
}

}  // namespace

Words words_for(std::string_view setting) {
  const auto data_sets = micrograd::data_set_names();
  static const std::map<std::string, Words, std::less<>> words{
      {"data", Words(data_sets.begin(), data_sets.end())},
      {"missing", {"error", "drop", "mean"}},
      {"task", {"auto", "classes", "numbers"}},
      {"activation", names_of(micrograd::activations())},
      {"init", names_of(micrograd::initialisers())},
      {"loss", {"auto", "cross-entropy", "binary-cross-entropy", "hinge", "mse", "mae", "huber"}},
      {"optimizer", {"sgd", "nesterov", "rmsprop", "adam", "adamw"}},
      {"schedule", {"constant", "linear", "cosine"}},
      {"precision", {"double", "single"}}};
  const auto found = words.find(setting);
  return found == words.end() ? Words() : found->second;
}

bool takes_several_words(std::string_view setting) { return setting == "activation"; }

std::string listed_words_for(std::string_view setting) {
  const Words words = words_for(setting);
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return text;
}

}  // namespace micrograd::command

// Learns to read handwritten digits: 1,797 images of 8x8 pixels, a net of 64-32-10 neurons, every number a
// scalar Value. Prints a line an epoch; ends with the share of images right that it never saw while learning.
//
//   digits [--seed N] [--data FILE]
#include <micrograd/micrograd.hpp>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace mg = micrograd;

namespace {

struct Arguments {
  std::uint64_t seed = 1;
  std::filesystem::path data = MICROGRAD_DATA_DIR "/digits.csv";
};

Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (option != "--seed" && option != "--data") {
      throw mg::UsageError("digits: no such option (got " + option + ", expected --seed N or --data FILE)");
    }
    if (i + 1 == argc) throw mg::UsageError("digits: " + option + " needs a value after it (got nothing)");
    const std::string_view value = argv[i + 1];
    if (option == "--data") {
      arguments.data = value;
    } else if (const auto [end, error] = std::from_chars(value.begin(), value.end(), arguments.seed);
               error != std::errc() || end != value.end()) {
      throw mg::UsageError("digits: the seed is not one (got " + std::string(value) +
                           ", expected a whole number from 0 to 2^64 - 1)");
    }
  }
  return arguments;
}

void run(const Arguments& arguments) {
  const auto [train, held_out] = mg::split(mg::load_digits(arguments.data), 0.2, arguments.seed);
  const mg::MLP net(64, {32, 10}, {.initialiser = mg::Initialiser::he, .seed = arguments.seed});
  mg::Adam adam(net.parameters(), {.learning_rate = 3e-3});

  std::printf("%zu images to learn from, %zu held out; a net of %zu parameters, seed %llu\n\n", train.rows(),
              held_out.rows(), net.parameters().size(), static_cast<unsigned long long>(arguments.seed));
  std::printf("epoch   loss  held out  seconds\n");

  mg::fit(net, train, adam, mg::cross_entropy, {.epochs = 20, .batch_size = 32, .seed = arguments.seed},
          [&](const mg::Epoch& epoch) {
            std::printf("%5zu  %.3f  %6.1f %%  %7.2f\n", epoch.number, epoch.loss,
                        100 * mg::accuracy(net, held_out), epoch.seconds);
            std::fflush(stdout);
          });

  std::printf("\n%.1f %% of the held-out images are read correctly\n", 100 * mg::accuracy(net, held_out));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(read_arguments(argc, argv));
  } catch (const mg::UsageError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const mg::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

// Learns to tell two moons apart: the original's demo, with the training loop in plain sight. Ends with a
// picture of what the net thinks of every place on the plane.
//
//   moons [--seed N]
#include <micrograd/micrograd.hpp>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace mg = micrograd;

namespace {

std::uint64_t read_seed(int argc, char** argv) {
  if (argc == 1) return 1;
  const std::string_view option = argv[1];
  if (option != "--seed" || argc != 3) {
    throw mg::UsageError("moons: bad arguments (got " + std::string(option) + (argc > 2 ? " …" : "") +
                         ", expected --seed N or nothing)");
  }
  const std::string_view text = argv[2];
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), seed);
  if (error != std::errc() || end != text.end()) {
    throw mg::UsageError("moons: the seed is not one (got " + std::string(text) +
                         ", expected a whole number from 0 to 2^64 - 1)");
  }
  return seed;
}

void train(const mg::MLP& net, const mg::Dataset& data) {
  const std::vector<mg::Value> parameters = net.parameters();
  mg::SGD sgd(parameters, 1.0);

  for (int k = 0; k < 100; ++k) {
    // Forward: the mean hinge loss over all points, and a little weight decay.
    std::vector<mg::Value> losses;
    int right = 0;
    for (std::size_t i = 0; i < data.rows(); ++i) {
      const mg::Value score = net(data.row(i))[0];
      const double target = data.labels[i] == 1 ? 1 : -1;
      losses.push_back(mg::hinge(score, target));
      if (score.data() * target > 0) ++right;
    }
    const mg::Value loss = mg::mean(losses) + 1e-4 * mg::dot(parameters, parameters);

    // Backward, and a step downhill that gets shorter over time.
    sgd.zero_grad();
    loss.backward();
    sgd.set_learning_rate(1.0 - 0.9 * k / 100);
    sgd.step();

    if (k % 10 == 0 || k == 99) {
      std::printf("step %2d   loss %.4f   accuracy %3zu %%\n", k, loss.data(), 100 * right / data.rows());
    }
  }
}

// Where the net's score is positive the plane is filled; the points of either class are drawn over it.
void draw(const mg::MLP& net, const mg::Dataset& data) {
  constexpr int width = 72, height = 26;
  constexpr double left = -1.7, right = 2.7, bottom = -1.2, top = 1.7;
  std::vector<std::string> picture(height, std::string(width, ' '));
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      const double x = left + (right - left) * (column + 0.5) / width;
      const double y = top - (top - bottom) * (row + 0.5) / height;
      if (net({x, y})[0].data() > 0) picture[row][column] = '.';
    }
  }
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const int column = static_cast<int>((data.row(i)[0] - left) / (right - left) * width);
    const int row = static_cast<int>((top - data.row(i)[1]) / (top - bottom) * height);
    if (row < 0 || row >= height || column < 0 || column >= width) continue;
    picture[row][column] = data.labels[i] == 1 ? '#' : 'o';
  }
  for (const std::string& line : picture) std::printf("%s\n", line.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::uint64_t seed = read_seed(argc, argv);
    const mg::Dataset data = mg::make_moons(100, 0.1, seed);
    const mg::MLP net(2, {16, 16, 1}, {.seed = seed});
    train(net, data);
    draw(net, data);
    std::printf("accuracy %.0f %%\n", 100 * mg::accuracy(net, data));
  } catch (const mg::UsageError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

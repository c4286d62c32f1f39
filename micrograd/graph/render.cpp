// The only file that knows Graphviz, whose library keeps global state: one caller at a time, and its messages
// are collected rather than printed.
#include <micrograd/graph/render.hpp>

#include <graphviz/gvc.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/graph/dot.hpp>
#include <micrograd/graph/json.hpp>

namespace micrograd {
namespace {

/// Nodes and edges. Layout takes seconds at this size and grows faster than its square.
constexpr int largest_drawing = 10'000;

struct CloseGraph {
  void operator()(Agraph_t* graph) const { agclose(graph); }
};
struct FreeRendering {
  void operator()(char* bytes) const { gvFreeRenderData(bytes); }
};

/// The only caller of Graphviz while it lives. What Graphviz has to say goes to `messages`.
class Turn {
 public:
  Turn() : lock_(mutex()), former_(agseterrf(&collect)) { messages().clear(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { agseterrf(former_); }

  /// What has been said, in one line.
  static std::string said() {
    std::string text = messages();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    for (char& c : text) {
      if (c == '\n') c = ' ';
    }
    return text.empty() ? "no reason given" : text;
  }

  /// Made at first use and kept to the end of the program: Graphviz 2.43 remembers fonts across contexts, and
  /// would look at those of one that is gone.
  static GVC_t* context() {
    static GVC_t* const only = gvContext();
    return only;
  }

 private:
  static std::mutex& mutex() {
    static std::mutex guard;
    return guard;
  }
  // Graphviz calls back without a context argument; guarded by the mutex.
  static std::string& messages() {
    static std::string text;
    return text;
  }
  static int collect(char* text) {
    messages() += text;
    return 0;
  }

  std::lock_guard<std::mutex> lock_;
  agusererrf former_;
};

struct FreeLayout {
  void operator()(Agraph_t* graph) const { gvFreeLayout(Turn::context(), graph); }
};

/// More pixels than this take long to draw, and cairo has no image with a side above 32,767.
void limit_pixels(Agraph_t* graph) {
  constexpr double longest_side = 32'000;
  constexpr double most_pixels = 40e6;
  constexpr double points_per_inch = 72;
  constexpr double usual_dpi = 96;
  const double width = (GD_bb(graph).UR.x - GD_bb(graph).LL.x + 16) / points_per_inch;
  const double height = (GD_bb(graph).UR.y - GD_bb(graph).LL.y + 16) / points_per_inch;
  const double most_dpi =
      std::min(longest_side / std::max(width, height), std::sqrt(most_pixels / (width * height)));
  double& dpi = GD_drawing(graph)->dpi;
  dpi = std::min(dpi > 0 ? dpi : usual_dpi, most_dpi);
}

std::string render(const std::string& who, std::string_view dot, const char* format) {
  if (dot.find('\0') != std::string_view::npos) {
    throw UsageError(who + ": malformed DOT (got a zero byte at " + std::to_string(dot.find('\0')) + ")");
  }
  const Turn turn;
  const std::unique_ptr<Agraph_t, CloseGraph> graph(agmemread(std::string(dot).c_str()));
  if (graph == nullptr)
    throw UsageError(who + ": malformed DOT (" + (dot.empty() ? "got no text" : Turn::said()) + ")");
  if (const int parts = agnnodes(graph.get()) + agnedges(graph.get()); parts > largest_drawing) {
    throw UsageError(who + ": the drawing is too large to be laid out (got " + std::to_string(parts) +
                     " nodes and edges, expected at most " + std::to_string(largest_drawing) +
                     "); take a smaller snapshot, with max_nodes");
  }
  GVC_t* const context = Turn::context();
  if (gvLayout(context, graph.get(), "dot") != 0) {
    throw Error(who + ": Graphviz could not lay the graph out (" + Turn::said() + ")");
  }
  const std::unique_ptr<Agraph_t, FreeLayout> layout(graph.get());
  if (std::string_view(format) == "png") limit_pixels(graph.get());
  char* bytes = nullptr;
  unsigned int size = 0;
  const int failed = gvRenderData(context, graph.get(), format, &bytes, &size);
  const std::unique_ptr<char, FreeRendering> rendering(bytes);
  if (failed != 0 || bytes == nullptr) {
    throw Error(who + ": Graphviz could not draw the graph (" + Turn::said() + ")");
  }
  return {rendering.get(), size};
}

}  // namespace

std::string render_svg(std::string_view dot) { return render("render_svg", dot, "svg"); }
std::string render_png(std::string_view dot) { return render("render_png", dot, "png"); }

void save_picture(const Value& root, const std::filesystem::path& file, const SnapshotOptions& options) {
  const std::string ending = file.extension().string();
  const auto picture = [&]() -> std::string {
    if (ending == ".svg") return render_svg(to_dot(snapshot(root, options)));
    if (ending == ".png") return render_png(to_dot(snapshot(root, options)));
    if (ending == ".dot") return to_dot(snapshot(root, options));
    if (ending == ".json") return to_json(snapshot(root, options));
    throw UsageError("save_picture: unknown kind of picture (got '" + file.string() +
                     "', expected a name that ends in .svg, .png, .dot or .json)");
  };
  write_file(file, picture());
}

}  // namespace micrograd

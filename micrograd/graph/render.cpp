// The only file that knows Graphviz, whose library keeps global state: one caller at a time, and its messages
// are collected rather than printed.
#include <micrograd/graph/render.hpp>

#include <graphviz/gvc.h>

#include <memory>
#include <mutex>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/graph/dot.hpp>
#include <micrograd/graph/json.hpp>

namespace micrograd {
namespace {

struct CloseGraph {
  void operator()(Agraph_t* graph) const { agclose(graph); }
};
struct FreeContext {
  void operator()(GVC_t* context) const { gvFreeContext(context); }
};
struct FreeRendering {
  void operator()(char* bytes) const { gvFreeRenderData(bytes); }
};

/// The only caller of Graphviz while it lives. What Graphviz has to say goes to `messages`.
class Turn {
 public:
  Turn() : lock_(mutex()) {
    messages().clear();
    former_ = agseterrf(&collect);
  }
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

std::string render(const std::string& who, std::string_view dot, const char* format) {
  if (dot.find('\0') != std::string_view::npos) {
    throw UsageError(who + ": malformed DOT (got a zero byte at " + std::to_string(dot.find('\0')) + ")");
  }
  const Turn turn;
  const std::unique_ptr<Agraph_t, CloseGraph> graph(agmemread(std::string(dot).c_str()));
  if (graph == nullptr)
    throw UsageError(who + ": malformed DOT (" + (dot.empty() ? "got no text" : Turn::said()) + ")");
  const std::unique_ptr<GVC_t, FreeContext> context(gvContext());
  if (context == nullptr) throw Error(who + ": Graphviz does not start (" + Turn::said() + ")");
  if (gvLayout(context.get(), graph.get(), "dot") != 0) {
    throw Error(who + ": Graphviz could not lay the graph out (" + Turn::said() + ")");
  }
  char* bytes = nullptr;
  unsigned int size = 0;
  const int failed = gvRenderData(context.get(), graph.get(), format, &bytes, &size);
  const std::unique_ptr<char, FreeRendering> rendering(bytes);
  gvFreeLayout(context.get(), graph.get());
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

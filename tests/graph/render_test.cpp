// Pictures: every shape, colour and word, and that shapes lie where they belong; but no coordinates, which
// depend on the fonts that are there.
#include <micrograd/graph/render.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include <micrograd/file.hpp>
#include <micrograd/graph/dot.hpp>

#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::message_of;

std::string svg_of(const Value& root, const SnapshotOptions& options = {}) {
  return render_svg(to_dot(snapshot(root, options)));
}

/// Titles and texts of a drawing, one a line, without Graphviz's version and without coordinates.
std::string skeleton(const std::string& svg) {
  const std::regex element("<(title|text)[^>]*>([^<]*)</");
  std::string lines;
  for (std::sregex_iterator i(svg.begin(), svg.end(), element), end; i != end; ++i) {
    lines += (*i)[1].str() + " " + (*i)[2].str() + "\n";
  }
  return lines;
}

/// The drawing itself, without comments, a `#` for each number of a coordinate.
std::string masked(const std::string& svg) {
  const std::regex comment("<!--[^>]*-->\n"), curves("C[^\"]*"), number("-?[0-9.]+"), trailing(" +$"),
      place("( (?:points|d|x|y|cx|cy|rx|ry|transform)=\")([^\"]*)");
  const std::string drawing = std::regex_replace(svg.substr(svg.find("<g id=")), comment, "");
  std::string result;
  auto rest = drawing.begin();
  for (std::sregex_iterator i(drawing.begin(), drawing.end(), place), end; i != end; ++i) {
    result.append(rest, (*i)[2].first);
    // How many curves make an arrow's shaft depends on the coordinates.
    const std::string shape = std::regex_replace((*i)[2].str(), curves, "C");
    result += std::regex_replace(std::regex_replace(shape, number, "#"), trailing, "");
    rest = (*i)[2].second;
  }
  result.append(rest, drawing.end());
  return std::regex_replace(result, std::regex("\"transparent\""), "\"none\"");  // as later versions say
}

struct Box {
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
  void take_in(double x, double y) {
    left = std::min(left, x), right = std::max(right, x), top = std::min(top, y),
    bottom = std::max(bottom, y);
  }
  bool holds(double x, double y, double margin = 0) const {
    return x >= left - margin && x <= right + margin && y >= top - margin && y <= bottom + margin;
  }
};

/// What stands in the group with that title.
std::string group(const std::string& svg, const std::string& title) {
  const std::size_t start = svg.find("<title>" + title + "</title>");
  return start == svg.npos ? "" : svg.substr(start, svg.find("</g>", start) - start);
}

/// The numbers of that attribute of the element, wherever it occurs in the group.
std::vector<double> numbers(const std::string& group, const std::string& element,
                            const std::string& attribute) {
  const std::regex place("<" + element + "[^>]* " + attribute + "=\"([^\"]*)\""), number("-?[0-9.]+");
  std::vector<double> found;
  for (std::sregex_iterator i(group.begin(), group.end(), place), end; i != end; ++i) {
    const std::string text = (*i)[1];
    for (std::sregex_iterator n(text.begin(), text.end(), number); n != end; ++n) {
      found.push_back(std::stod(n->str()));
    }
  }
  return found;
}

Box box_of(const std::string& group) {
  Box box;
  const std::vector<double> corners = numbers(group, "polygon", "points");
  for (std::size_t i = 0; i + 1 < corners.size(); i += 2) box.take_in(corners[i], corners[i + 1]);
  const std::vector<double> x = numbers(group, "ellipse", "cx"), y = numbers(group, "ellipse", "cy"),
                            wide = numbers(group, "ellipse", "rx"), high = numbers(group, "ellipse", "ry");
  for (std::size_t i = 0; i < x.size(); ++i) {
    box.take_in(x[i] - wide[i], y[i] - high[i]);
    box.take_in(x[i] + wide[i], y[i] + high[i]);
  }
  return box;
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | static_cast<std::uint8_t>(bytes.at(at + i));
  return number;
}

const std::string png_signature = "\x89PNG\r\n\x1a\n";

class Picture : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = fs::path(::testing::TempDir()) /
             ("picture." + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  fs::path folder;
};

/// The drawing of b = a * 3 after backward.
std::string small_drawing() {
  Value a(2, "a");
  Value b = a * 3;
  b.set_label("b");
  b.backward();
  return svg_of(b);
}

TEST(Svg, OfASmallGraphHasItsBoxesBubblesAndEdges) {
  EXPECT_EQ(masked(small_drawing()), read_file(MICROGRAD_SOURCE_DIR "/tests/graph/small_graph.masked.svg"));
}

TEST(Svg, TextsLieInTheirBoxesAndArrowsLeadFromOneToTheNext) {
  const std::string svg = small_drawing();
  for (const char* const title : {"n0", "n1", "n2", "op2"}) {
    const std::string node = group(svg, title);
    const std::vector<double> x = numbers(node, "text", "x"), y = numbers(node, "text", "y");
    EXPECT_EQ(x.size(), std::string(title) == "op2" ? 1U : 3U) << title;
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_TRUE(box_of(node).holds(x[i], y[i])) << title;
    EXPECT_TRUE(std::is_sorted(x.begin(), x.end())) << "label, data and grad from left to right";
  }
  const std::pair<const char*, const char*> edges[] = {{"n0", "op2"}, {"n1", "op2"}, {"op2", "n2"}};
  for (const auto& [from, to] : edges) {
    const std::string edge = group(svg, std::string(from) + ":e&#45;&gt;" + to);
    const Box source = box_of(group(svg, from)), target = box_of(group(svg, to)), head = box_of(edge);
    const std::vector<double> shaft = numbers(edge, "path", "d");
    ASSERT_GE(shaft.size(), 8U) << edge;
    constexpr double line_widths = 2;
    EXPECT_TRUE(source.holds(shaft[0], shaft[1], line_widths)) << edge;
    EXPECT_NEAR(shaft[0], source.right, line_widths) << "from the right side";
    EXPECT_TRUE(target.holds(head.right, (head.top + head.bottom) / 2, 2 * line_widths)) << edge;
    EXPECT_LT(source.right, target.left) << "operands stand left of their results";
  }
  EXPECT_LT(box_of(group(svg, "n0")).bottom, box_of(group(svg, "n1")).top) << "in the order written";
}

TEST(Svg, ShowsAwkwardLabelsAsTheyAre) {
  const auto shown = [](const std::string& label) {
    const std::string lines = skeleton(svg_of(Value(1, label)));
    const std::size_t start = lines.find("text ") + 5;
    return lines.substr(start, lines.find("\ntext data") - start);
  };
  EXPECT_EQ(shown("{a|b}"), "{a|b}");
  EXPECT_EQ(shown("<x>"), "&lt;x&gt;");
  EXPECT_EQ(shown("say \"hi\""), "say &quot;hi&quot;");
  EXPECT_EQ(shown("back\\slash\\"), "back\\slash\\");
  EXPECT_EQ(shown("\\N \\G \\n"), "\\N \\G \\n");
  EXPECT_EQ(shown("&lt;&amp;"), "&amp;lt;&amp;amp;");
  EXPECT_EQ(shown("损失"), "损失");
  EXPECT_EQ(shown("损 失"), "损\u00A0失");
  EXPECT_EQ(shown("a  b"), "a\u00A0\u00A0b");
  EXPECT_EQ(shown("two\nlines"), "two\ntext lines");
  EXPECT_EQ(shown("a\xFF"), "a\uFFFD");
}

TEST(Svg, SaysWhatWasCut) {
  Value chain(1, "x");
  for (int i = 0; i < 10'000; ++i) chain = chain * 1;
  const std::string svg = svg_of(chain, {.max_nodes = 20});
  EXPECT_TRUE(contains(svg, ">19,981 older nodes not shown<")) << skeleton(svg);
}

TEST(Svg, OfMalformedDotIsAnError) {
  for (const char* dot : {"digraph {", "nonsense", "digraph { a -> }", "}", "digraph { a [label=\"}"}) {
    const std::string message = message_of([&] { return render_svg(dot); });
    EXPECT_TRUE(message.starts_with("render_svg: malformed DOT (")) << dot << ": " << message;
    EXPECT_FALSE(contains(message, "\n")) << message;
  }
  EXPECT_TRUE(contains(message_of([] { return render_svg("digraph { a -> }"); }), "syntax error in line 1"));
  EXPECT_EQ(message_of([] { return render_svg(""); }), "render_svg: malformed DOT (got no text)");
  EXPECT_EQ(message_of([] { return render_png(std::string("digraph { \0 }", 13)); }),
            "render_png: malformed DOT (got a zero byte at 10)");
  EXPECT_TRUE(contains(render_svg("digraph { a -> b }"), "<title>a&#45;&gt;b</title>"))
      << "the next one works";
}

TEST(Svg, OfADrawingBeyondReasonIsRefused) {
  std::string dot = "digraph {\n";
  for (int i = 0; i < 5'001; ++i) dot += "n" + std::to_string(i) + " -> n" + std::to_string(i + 1) + "\n";
  EXPECT_EQ(
      message_of([&] { return render_svg(dot + "}"); }),
      "render_svg: the drawing is too large to be laid out (got 10003 nodes and edges, expected at most "
      "10000); take a smaller snapshot, with max_nodes");
}

TEST(Svg, IsDrawnForSeveralThreadsAtOnce) {
  std::vector<std::string> pictures(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& picture : pictures) {
      threads.emplace_back([&picture] { picture = render_svg("digraph g { a -> b }"); });
    }
  }
  for (const std::string& picture : pictures) EXPECT_EQ(picture, pictures.front());
}

TEST(Png, IsAPngOfSensibleSize) {
  Value a(2, "a");
  const std::string png = render_png(to_dot(snapshot(a * a)));
  ASSERT_TRUE(png.starts_with(png_signature));
  EXPECT_GT(big_endian(png, 16), 100U) << "width";
  EXPECT_GT(big_endian(png, 20), 20U) << "height";
  EXPECT_TRUE(contains(png, "IEND")) << "the file is complete";
}

TEST(Png, OfALongGraphIsMadeToFit) {
  Value chain(1, "x");
  for (int i = 0; i < 200; ++i) chain = -chain;
  const std::string png = render_png(to_dot(snapshot(chain)));
  ASSERT_TRUE(png.starts_with(png_signature));
  EXPECT_LE(big_endian(png, 16), 32'100U);
  EXPECT_GT(big_endian(png, 16), 30'000U);
}

TEST_F(Picture, IsSavedByTheEndingOfTheName) {
  Value a(2, "a");
  const Value root = a * a;
  for (const char* name : {"g.svg", "g.png", "g.dot", "g.json"}) save_picture(root, folder / name);
  EXPECT_TRUE(contains(read_file(folder / "g.svg"), "<svg"));
  EXPECT_TRUE(read_file(folder / "g.png").starts_with(png_signature));
  EXPECT_EQ(read_file(folder / "g.dot"), to_dot(snapshot(root)));
  EXPECT_TRUE(read_file(folder / "g.json").starts_with("{\"root\": 1,"));
}

TEST_F(Picture, OfATenThousandNodesIsCutWithANote) {
  Value chain(1, "x");
  for (int i = 0; i < 9'999; ++i) chain = -chain;
  save_picture(chain, folder / "g.svg");
  EXPECT_TRUE(contains(read_file(folder / "g.svg"), ">9,500 older nodes not shown<"));
  save_picture(chain, folder / "few.svg", {.max_nodes = 10});
  EXPECT_TRUE(contains(read_file(folder / "few.svg"), ">9,990 older nodes not shown<"));
}

TEST_F(Picture, OfAnUnknownKindIsRefusedWithTheFourThatAreKnown) {
  EXPECT_EQ(message_of([] { return save_picture(Value(1), "graph.jpg"), 0; }),
            "save_picture: unknown kind of picture (got 'graph.jpg', expected a name that ends in .svg, "
            ".png, .dot "
            "or .json)");
  EXPECT_TRUE(contains(message_of([] { return save_picture(Value(1), "graph"), 0; }), "got 'graph'"));
  EXPECT_THROW(save_picture(Value(1), folder / "none" / "g.svg"), IoError);
}

TEST_F(Picture, ChangesNoGradient) {
  Value a(2, "a");
  const Value root = 3 * a;
  root.backward();
  save_picture(root, folder / "g.svg");
  EXPECT_EQ(a.grad(), 3);
  root.backward();
  EXPECT_EQ(a.grad(), 6);
}

}  // namespace
}  // namespace micrograd

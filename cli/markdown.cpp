// Collects what md4c reports about a page.
#include "markdown.hpp"

#include <md4c.h>

#include <algorithm>
#include <exception>
#include <utility>

#include <micrograd/error.hpp>
#include "terminal.hpp"

namespace micrograd::command {
namespace {

std::string_view last_character(std::string_view utf8) {
  std::size_t start = utf8.empty() ? 0 : utf8.size() - 1;
  while (start > 0 && (static_cast<unsigned char>(utf8[start]) & 0xc0U) == 0x80) --start;
  return utf8.substr(start);
}

/// Chinese punctuation brings its own room, and Chinese text has no spaces.
bool joined_without_space(std::string_view before, std::string_view after) {
  constexpr std::string_view punctuation = "，。！？；：、（）「」『』《》";
  const auto is_wide = [](std::string_view character) { return display_width(character) == 2; };
  const auto is_mark = [&](std::string_view character) {
    return is_wide(character) && punctuation.find(character) != punctuation.npos;
  };
  return is_mark(before) || is_mark(after) || (is_wide(before) && is_wide(after));
}

std::string_view of(const MD_ATTRIBUTE& attribute) {
  return attribute.text == nullptr ? std::string_view() : std::string_view(attribute.text, attribute.size);
}

std::string_view entity(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&nbsp;", " "}};
  const auto* const found = std::find_if(std::begin(known), std::end(known),
                                         [&](const auto& candidate) { return candidate.first == name; });
  return found == std::end(known) ? name : found->second;
}

class Collector {
 public:
  explicit Collector(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void enter_block(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_UL:
        begin_list({.marker = "- ", .number = 0}, static_cast<MD_BLOCK_UL_DETAIL*>(detail)->is_tight != 0);
        break;
      case MD_BLOCK_OL: {
        const auto* const list = static_cast<MD_BLOCK_OL_DETAIL*>(detail);
        begin_list({.marker = "", .number = list->start}, list->is_tight != 0);
        break;
      }
      case MD_BLOCK_LI:
        begin_item();
        break;
      case MD_BLOCK_QUOTE:
        open_ = false;
        around_.push_back({.marker = "| ", .margin = "| "});
        break;
      case MD_BLOCK_HR:
        begin(Block::Kind::rule);
        break;
      case MD_BLOCK_H:
        begin(Block::Kind::heading).level = static_cast<MD_BLOCK_H_DETAIL*>(detail)->level;
        break;
      case MD_BLOCK_CODE:
        begin_code(of(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang));
        break;
      case MD_BLOCK_HTML:
        in_html_ = true;
        break;
      case MD_BLOCK_P:
        begin(Block::Kind::paragraph);
        break;
      case MD_BLOCK_TABLE:
        begin(Block::Kind::table);
        break;
      case MD_BLOCK_TR:
        blocks_.back().rows.emplace_back();
        break;
      case MD_BLOCK_TH:
      case MD_BLOCK_TD:
        blocks_.back().rows.back().emplace_back();
        break;
      default:
        break;
    }
  }

  void leave_block(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_UL:
      case MD_BLOCK_OL:
      case MD_BLOCK_QUOTE:
        around_.pop_back();
        open_ = false;
        break;
      case MD_BLOCK_HTML:
        in_html_ = false;
        break;
      case MD_BLOCK_CODE:
        if (std::string& text = blocks_.back().text; text.ends_with('\n')) text.pop_back();
        open_ = false;
        break;
      case MD_BLOCK_P:
      case MD_BLOCK_H:
      case MD_BLOCK_LI:
      case MD_BLOCK_TABLE:
        open_ = false;
        break;
      default:
        break;
    }
  }

  void enter_span(MD_SPANTYPE type, void* detail) {
    if (type == MD_SPAN_IMG) {
      const std::string_view source = of(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src);
      picture_ = source.find("://") != source.npos ? std::string(source) : (folder_ / source).string();
    }
    looks_.push_back(look_of(type));
  }

  void leave_span(MD_SPANTYPE type) {
    looks_.pop_back();
    if (type == MD_SPAN_IMG) append("\n" + picture_, Look::picture);
  }

  void text(MD_TEXTTYPE type, std::string_view text) {
    if (in_html_ || type == MD_TEXT_HTML) return;
    if (type == MD_TEXT_SOFTBR) {
      soft_break_ = true;
    } else if (type == MD_TEXT_BR) {
      append("\n", Look::plain);
    } else {
      append(type == MD_TEXT_ENTITY ? entity(text) : text, looks_.empty() ? Look::plain : looks_.back());
    }
  }

  std::vector<Block> take() { return std::move(blocks_); }

 private:
  /// A list or a quotation around what is read.
  struct Around {
    std::string marker;  ///< of the next line in it
    std::string margin;  ///< of all later ones
    unsigned number = 0;
    bool numbered = false, tight = false, fresh = false;
  };
  struct Marks {
    std::string marker;
    unsigned number;
  };

  static Look look_of(MD_SPANTYPE type) {
    switch (type) {
      case MD_SPAN_EM:
        return Look::emphasis;
      case MD_SPAN_STRONG:
        return Look::strong;
      case MD_SPAN_CODE:
        return Look::code;
      case MD_SPAN_A:
        return Look::link;
      case MD_SPAN_IMG:
        return Look::emphasis;
      default:
        return Look::plain;
    }
  }

  void begin_list(const Marks& marks, bool tight) {
    open_ = false;
    around_.push_back({.marker = marks.marker,
                       .margin = std::string(marks.marker.size(), ' '),
                       .number = marks.number,
                       .numbered = marks.marker.empty(),
                       .tight = tight});
    first_item_ = true;
  }

  void begin_item() {
    open_ = false;
    Around& list = around_.back();
    if (list.numbered) {
      list.marker = std::to_string(list.number++) + ". ";
      list.margin = std::string(list.marker.size(), ' ');
    }
    list.fresh = true;
  }

  Block& begin(Block::Kind kind) {
    Block block;
    block.kind = kind;
    for (Around& around : around_) {
      const bool is_quote = around.margin == "| ";
      block.marker += is_quote || around.fresh ? around.marker : around.margin;
      block.margin += around.margin;
      block.close = around.tight && (!around.fresh || !first_item_ || around_.size() > 1);
      around.fresh = false;
    }
    first_item_ = false;
    soft_break_ = false;
    open_ = true;
    return blocks_.emplace_back(std::move(block));
  }

  void begin_code(std::string_view language) {
    const bool below_code = !blocks_.empty() && blocks_.back().kind == Block::Kind::code;
    begin(language == "text" && below_code ? Block::Kind::output : Block::Kind::code);
  }

  void append(std::string_view text, Look look) {
    if (!open_) begin(Block::Kind::paragraph);  // an item of a tight list has no paragraph of its own
    Block& block = blocks_.back();
    if (block.kind == Block::Kind::code || block.kind == Block::Kind::output) {
      block.text += text;
      return;
    }
    Spans& spans = block.kind == Block::Kind::table ? block.rows.back().back() : block.spans;
    if (std::exchange(soft_break_, false) && !spans.empty() &&
        !joined_without_space(last_character(spans.back().text), first_character(text))) {
      spans.push_back({" ", Look::plain});
    }
    spans.push_back({std::string(text), look});
  }

  std::filesystem::path folder_;
  std::vector<Block> blocks_;
  std::vector<Around> around_;
  std::vector<Look> looks_;
  std::string picture_;
  bool open_ = false;  ///< text goes into the last block
  bool in_html_ = false;
  bool soft_break_ = false;
  bool first_item_ = false;
};

/// md4c is C: an exception waits in here until it has returned.
struct Reading {
  Collector collector;
  std::exception_ptr failure = nullptr;

  template <class F>
  static int guarded(void* reading, F&& f) {
    auto& self = *static_cast<Reading*>(reading);
    try {
      f(self.collector);
      return 0;
    } catch (...) {
      self.failure = std::current_exception();
      return 1;
    }
  }
};

}  // namespace

std::vector<Block> parse_markdown(std::string_view page, const std::filesystem::path& folder) {
  MD_PARSER parser{};
  parser.flags = MD_FLAG_TABLES | MD_FLAG_NOINDENTEDCODEBLOCKS;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* reading) {
    return Reading::guarded(reading, [&](Collector& collector) { collector.enter_block(type, detail); });
  };
  parser.leave_block = [](MD_BLOCKTYPE type, void* /*detail*/, void* reading) {
    return Reading::guarded(reading, [&](Collector& collector) { collector.leave_block(type); });
  };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* reading) {
    return Reading::guarded(reading, [&](Collector& collector) { collector.enter_span(type, detail); });
  };
  parser.leave_span = [](MD_SPANTYPE type, void* /*detail*/, void* reading) {
    return Reading::guarded(reading, [&](Collector& collector) { collector.leave_span(type); });
  };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* reading) {
    return Reading::guarded(reading, [&](Collector& collector) { collector.text(type, {text, size}); });
  };
  Reading reading{.collector = Collector(folder)};
  const int status = md_parse(page.data(), static_cast<MD_SIZE>(page.size()), &parser, &reading);
  if (reading.failure) std::rethrow_exception(reading.failure);
  if (status != 0)
    throw IoError("markdown: the page cannot be read (md4c says " + std::to_string(status) + ")");
  return reading.collector.take();
}

std::string plain_text(const Spans& spans) {
  std::string text;
  for (const Span& span : spans) text += span.text;
  return text;
}

}  // namespace micrograd::command

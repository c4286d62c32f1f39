// JSON text, letter by letter, and that it reads back as the same numbers.
#include <micrograd/graph/json.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;

TEST(Json, HasOneNodeALine) {
  Value a(5, "a");
  const Value sum = 2 + a;
  sum.backward();
  EXPECT_EQ(to_json(snapshot(sum)), R"({"root": 2, "cut": 0, "nodes": [
{"id":0,"op":"","label":"a","constant":false,"data":5.0,"grad":1.0,"operands":[]},
{"id":1,"op":"","label":"Cons","constant":true,"data":2.0,"grad":1.0,"operands":[]},
{"id":2,"op":"+","label":"","constant":false,"data":7.0,"grad":1.0,"operands":[1,0]}
]}
)");
}

TEST(Json, OfACutGraphHasNullForAMissingOperand) {
  const Value a(5, "a");
  const Value cut = a * a;
  EXPECT_EQ(to_json(snapshot(cut, {.max_nodes = 1})), R"({"root": 0, "cut": 1, "nodes": [
{"id":0,"op":"*","label":"","constant":false,"data":25.0,"grad":0.0,"operands":[null,null]}
]}
)");
}

TEST(Json, OfAnEmptySnapshotIsStillAnObject) {
  EXPECT_EQ(to_json(Snapshot{}), "{\"root\": null, \"cut\": 0, \"nodes\": [\n]}\n");
}

TEST(Json, SpellsWhatJsonHasNoNumbersFor) {
  EXPECT_TRUE(contains(to_json(snapshot(Value(NAN))), "\"data\":\"nan\""));
  EXPECT_TRUE(contains(to_json(snapshot(Value(INFINITY))), "\"data\":\"inf\""));
  EXPECT_TRUE(contains(to_json(snapshot(Value(-INFINITY))), "\"data\":\"-inf\""));
}

TEST(Json, NumbersReadBackAsTheSameDoubles) {
  for (const double x : {0.1, 1.0 / 3, -1e-300, std::numeric_limits<double>::max(),
                         std::numeric_limits<double>::denorm_min(), 123456789.123456789}) {
    const std::string json = to_json(snapshot(Value(x)));
    EXPECT_EQ(std::strtod(json.c_str() + json.find("\"data\":") + 7, nullptr), x);
  }
}

TEST(Json, EscapesLabels) {
  EXPECT_TRUE(contains(to_json(snapshot(Value(1, "a\"b\\c\n损失"))), R"("label":"a\"b\\c\n损失")"));
  EXPECT_TRUE(contains(to_json(snapshot(Value(1, "a\xFF"))), "\"label\":\"a\uFFFD\""));
}

}  // namespace
}  // namespace micrograd

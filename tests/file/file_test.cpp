// Files are read whole, and written whole or not at all.
#include <micrograd/file.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <micrograd/error.hpp>

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class File : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = fs::path(::testing::TempDir()) /
             ("file." + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  fs::path folder;
};

TEST_F(File, IsReadAsItWasWritten) {
  std::string bytes(200'000, 'x');
  bytes[7] = '\0';
  bytes[199'999] = '\n';
  micrograd::write_file(folder / "a", bytes);
  EXPECT_EQ(micrograd::read_file(folder / "a"), bytes);
  micrograd::write_file(folder / "a", "");
  EXPECT_EQ(micrograd::read_file(folder / "a"), "");
}

TEST_F(File, LeavesNothingElseBehind) {
  micrograd::write_file(folder / "a", "1");
  micrograd::write_file(folder / "a", "2");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(File, HasTheRightsOfAnyNewFile) {
  micrograd::write_file(folder / "a", "1");
  EXPECT_NE(fs::status(folder / "a").permissions() & fs::perms::owner_write, fs::perms::none);
  EXPECT_EQ(fs::status(folder / "a").permissions() & fs::perms::owner_exec, fs::perms::none);
}

TEST_F(File, ErrorsNameTheFileAndTheReason) {
  EXPECT_THAT([&] { static_cast<void>(micrograd::read_file(folder / "none")); },
              ThrowsMessage<micrograd::IoError>(HasSubstr("none: No such file or directory")));
  EXPECT_THAT([&] { static_cast<void>(micrograd::read_file(folder)); },
              ThrowsMessage<micrograd::IoError>(HasSubstr("Is a directory")));
  EXPECT_THAT([&] { micrograd::write_file(folder / "no" / "a", "1"); },
              ThrowsMessage<micrograd::IoError>(HasSubstr("no/a: No such file or directory")));
}

TEST_F(File, ThatCannotBeReplacedStaysAsItIs) {
  fs::create_directory(folder / "a");
  EXPECT_THROW(micrograd::write_file(folder / "a", "1"), micrograd::IoError);
  EXPECT_TRUE(fs::is_directory(folder / "a"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(File, ReplacesWhatALinkPointsTo) {
  micrograd::write_file(folder / "a", "1");
  fs::create_symlink("a", folder / "link");
  micrograd::write_file(folder / "link", "2");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(micrograd::read_file(folder / "a"), "2");
}

TEST_F(File, KeepsTheRightsOfTheOldOne) {
  micrograd::write_file(folder / "a", "1");
  fs::permissions(folder / "a", fs::perms::owner_read | fs::perms::owner_write);
  micrograd::write_file(folder / "a", "2");
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(File, ThatIsADeviceIsWrittenToAndNotReplaced) {
  micrograd::write_file("/dev/null", "1");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(File, GrowsAtItsEnd) {
  micrograd::append_to_file(folder / "a", "1");
  micrograd::append_to_file(folder / "a", "2");
  micrograd::sync_file(folder / "a");
  EXPECT_EQ(micrograd::read_file(folder / "a"), "12");
  EXPECT_THROW(micrograd::append_to_file(folder / "no" / "a", "1"), micrograd::IoError);
  EXPECT_THROW(micrograd::sync_file(folder / "none"), micrograd::IoError);
}

TEST_F(File, LeftUnfinishedIsRemovedAndNothingElse) {
  for (const char* const name : {"a", "a.Xy12zZ", "a.other", "a.tar.gz", "b.Xy12zZ"}) {
    micrograd::write_file(folder / name, "1");
  }
  micrograd::remove_unfinished(folder / "a");
  EXPECT_FALSE(fs::exists(folder / "a.Xy12zZ"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 4);
}

}  // namespace

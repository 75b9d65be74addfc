#pragma once
/// Every prefix and every flip of one bit of a small valid file.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "wta/error.h"

namespace wta::testing_support {

/// What a damaged file may end in.
enum class Ending {
  refused,  ///< a refusal: checksums cover every byte
  same,     ///< that, or the same content: checksums cover all that has a meaning
  decoded  ///< that, or any content: without a checksum a header that says, for instance, another type of the
           ///< same size is a header like any other
};

/// A file and how it is read.
struct Damaged {
  std::string good;
  std::string name;  ///< what messages must hold
  /// What the bytes say, as text, for comparison. May throw DataError.
  std::function<std::string(const std::string& bytes)> decode;
  Ending prefix = Ending::refused;
  Ending flip = Ending::decoded;
  std::size_t first_byte = 0;  ///< of those whose bits are flipped: before it lies what nobody reads
  std::size_t end_byte = std::string::npos;  ///< behind them: values that may be any

  /// Nothing where the bytes are refused by name; what else is thrown fails the test.
  [[nodiscard]] std::optional<std::string> content(const std::string& bytes) const {
    try {
      return decode(bytes);
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
      return std::nullopt;
    }
  }
};

inline void expect_ending(Ending ending, const std::optional<std::string>& got, const std::string& good,
                          const std::string& what) {
  if (!got || ending == Ending::decoded) return;
  EXPECT_EQ(ending, Ending::same) << what << " was read";
  EXPECT_EQ(*got, good) << what << " was read as something else";
}

/// Tries every prefix and every bit, and adds their number to `cases`.
inline void damage(const Damaged& file, int& cases) {
  const std::optional<std::string> good = file.content(file.good);
  ASSERT_TRUE(good.has_value());
  for (std::size_t length = 0; length < file.good.size(); ++length, ++cases) {
    expect_ending(file.prefix, file.content(file.good.substr(0, length)), *good,
                  "a prefix of " + std::to_string(length));
  }
  const std::size_t end = std::min(file.end_byte, file.good.size());
  for (std::size_t bit = file.first_byte * 8; bit < end * 8; ++bit, ++cases) {
    std::string flipped = file.good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    expect_ending(file.flip, file.content(flipped), *good,
                  "bit " + std::to_string(bit % 8) + " of byte " + std::to_string(bit / 8));
  }
}

/// A suite whose tests count their cases, which the report of a run then says
/// (tests/reliability/bad_files.py).
class DamageTest : public testing::Test {
 protected:
  void TearDown() override { RecordProperty("cases", cases_); }
  void try_all(const Damaged& file) { damage(file, cases_); }

 private:
  int cases_ = 0;
};

}  // namespace wta::testing_support

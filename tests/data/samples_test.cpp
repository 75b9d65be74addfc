#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "data/test_files.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::HasSubstr;
using testing::message_of;

Tensor<std::uint8_t> counting_u8(Shape shape) {
  Tensor<std::uint8_t> values(std::move(shape));
  for (std::int64_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i);
  return values;
}

TEST(Samples, EmptyByDefault) {
  const Samples none;
  EXPECT_EQ(none.count(), 0);
  EXPECT_EQ(none.sample_size(), 0);
  EXPECT_TRUE(none.sample_shape().empty());
  EXPECT_EQ(none.subset({}).count(), 0);
  Tensor<float> out({0, 0});
  EXPECT_NO_THROW(none.read(0, out.matrix()));
}

TEST(Samples, BytesAreDividedBy255) {
  const Samples samples(counting_u8({3, 2, 2}));
  Tensor<float> out({2, 4});
  samples.gather(std::vector<std::int64_t>{2, 0}, out.matrix());
  EXPECT_EQ(out[0], 8.0F / 255.0F);
  EXPECT_EQ(out[3], 11.0F / 255.0F);
  EXPECT_EQ(out[5], 1.0F / 255.0F);
}

TEST(Samples, FloatsAreTakenAsTheyAre) {
  Tensor<float> values({2, 3});
  values[4] = -300.25F;
  Tensor<float> out({1, 3});
  Samples(values).read(1, out.matrix());
  EXPECT_EQ(out[1], -300.25F);
}

TEST(Samples, SubsetKeepsOrderAndShape) {
  const Samples part = Samples(counting_u8({4, 2, 1, 3})).subset(std::vector<std::int64_t>{3, 1, 3});
  EXPECT_EQ(part.count(), 3);
  EXPECT_EQ(part.sample_shape(), (Shape{2, 1, 3}));
  Tensor<float> out({3, 6});
  part.read(0, out.matrix());
  EXPECT_EQ(out[0], 18.0F / 255.0F);
  EXPECT_EQ(out[6], 6.0F / 255.0F);
}

TEST(Samples, NanAndInfinityAreRefusedWithSampleAndPosition) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    Tensor<float> values({3, 2, 2});
    values[2 * 4 + 3] = bad;
    const std::string message = message_of<DataError>([&] { static_cast<void>(Samples(values)); });
    EXPECT_THAT(message, HasSubstr("in sample 2 at position [1,1]"));
  }
}

TEST(Samples, ShapesOtherThanRank2To4AreRefused) {
  EXPECT_THROW(Samples(counting_u8({5})), DataError);
  EXPECT_THROW(Samples(counting_u8({1, 1, 1, 1, 2})), DataError);
  EXPECT_THROW(Samples(counting_u8({3, 0})), DataError);
  EXPECT_EQ(Samples(counting_u8({0, 4})).count(), 0);
}

TEST(Samples, WrongBlocksAndIndicesAreRefused) {
  const Samples samples(counting_u8({3, 2}));
  Tensor<float> out({2, 2});
  EXPECT_THROW(samples.gather(std::vector<std::int64_t>{0}, out.matrix()), InvalidArgument);
  EXPECT_THROW(samples.gather(std::vector<std::int64_t>{0, 3}, out.matrix()), InvalidArgument);
  EXPECT_THROW(samples.read(2, out.matrix()), InvalidArgument);
  EXPECT_THROW(static_cast<void>(samples.subset(std::vector<std::int64_t>{-1})), InvalidArgument);
}

TEST(Samples, ReshapedTheyKeepTheirValues) {
  const Samples images = Samples(counting_u8({2, 6})).reshaped({3, 2});
  EXPECT_EQ(images.count(), 2);
  EXPECT_EQ(images.sample_shape(), (Shape{3, 2}));
  EXPECT_EQ(images.fingerprint(), Samples(counting_u8({2, 3, 2})).fingerprint());
  EXPECT_EQ(Samples(Tensor<float>({2, 6})).reshaped({1, 2, 3}).sample_shape(), (Shape{1, 2, 3}));
  EXPECT_THROW((void)Samples(counting_u8({2, 6})).reshaped({2, 2}), InvalidArgument);
}

TEST(Samples, FingerprintSeesValuesShapeAndType) {
  const std::string base = Samples(counting_u8({2, 4})).fingerprint();
  EXPECT_EQ(base.size(), 64U);
  EXPECT_EQ(base, Samples(counting_u8({2, 4})).fingerprint());
  EXPECT_NE(base, Samples(counting_u8({2, 2, 2})).fingerprint());
  Tensor<std::uint8_t> other = counting_u8({2, 4});
  other[7] = 200;
  EXPECT_NE(base, Samples(other).fingerprint());
  EXPECT_NE(Samples(Tensor<float>({1, 4})).fingerprint(),
            Samples(Tensor<std::uint8_t>({1, 4})).fingerprint());
}

}  // namespace
}  // namespace wta

#include "data/patches.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/memory.h"
#include "core/rng.h"
#include "data/splits.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::uint64_t kTrainCuts = 0;
constexpr std::uint64_t kTestCuts = 1;

// One image among those that patches are cut from.
struct ImageRef {
  const Samples* samples = nullptr;
  std::int64_t index = 0;  ///< in `samples`
  std::string name;
};

// Where a patch lies in its image.
struct Corner {
  std::int64_t top = 0;
  std::int64_t left = 0;
};

void require_patch_fits(const ImageRef& image, std::int64_t size) {
  const Shape shape = image.samples->sample_shape();
  if (shape.size() != 2 && shape.size() != 3)
    throw InvalidArgument(
        fmt::format("patches: samples must be images [H,W] or [H,W,C]; got {}. Try: --image-size HxW.",
                    to_string(shape)));
  const std::int64_t side = std::min(shape[0], shape[1]);
  if (size <= side) return;
  throw InvalidArgument(
      fmt::format("patch_size: a patch must fit into every image; got {} for {} of {} x {}. Try: at most {}.",
                  size, image.name, shape[0], shape[1], side));
}

Shape patch_shape(const Shape& image, std::int64_t size) {
  Shape shape = image;
  shape[0] = shape[1] = size;
  return shape;
}

template <class T>
void copy_patch(const Tensor<T>& images, const ImageRef& image, const Corner& corner, std::int64_t size,
                T* patch) {
  const Shape& shape = images.shape();
  const std::int64_t channels = shape.size() == 4 ? shape[3] : 1;
  const std::int64_t row = shape[2] * channels;
  const T* from = images.matrix().row(image.index) + corner.top * row + corner.left * channels;
  for (std::int64_t y = 0; y < size; ++y, from += row) patch = std::copy_n(from, size * channels, patch);
}

void require_room(std::int64_t count, std::int64_t bytes) {
  const std::int64_t values = (bytes + 3) / 4;  // the rule counts float32 values
  if (fits_in_memory(count, values)) return;
  throw MemoryError(
      fmt::format("patches: all must fit in memory; {}. Try: fewer patches.", describe_need(count, values)));
}

template <class T>
Samples cut_values(const std::vector<ImageRef>& images, const PatchRule& rule, std::uint64_t split) {
  Shape shape = patch_shape(images.front().samples->sample_shape(), rule.size);
  const std::int64_t values = element_count(shape);
  require_room(rule.count, values * static_cast<std::int64_t>(sizeof(T)));
  shape.insert(shape.begin(), rule.count);
  Tensor<T> patches(shape);
  std::vector<std::int64_t> order(images.size());
  Rng(rule.seed, Purpose::patch_order, split).permutation(order);
  const Rng position(rule.seed, Purpose::patch_position, split);
  for (std::int64_t j = 0; j < rule.count; ++j) {
    const auto turn = static_cast<std::size_t>(order[static_cast<std::size_t>(j) % images.size()]);
    const ImageRef& image = images[turn];
    const Shape extents = image.samples->sample_shape();
    const auto draw = static_cast<std::uint64_t>(2 * j);
    const Corner corner{.top = position.below(draw, extents[0] - rule.size + 1),
                        .left = position.below(draw + 1, extents[1] - rule.size + 1)};
    copy_patch(std::get<Tensor<T>>(image.samples->values()), image, corner, rule.size,
               patches.data() + j * values);
  }
  return Samples(std::move(patches));
}

Samples cut(const std::vector<ImageRef>& images, const PatchRule& rule, std::uint64_t split) {
  for (const ImageRef& image : images) require_patch_fits(image, rule.size);
  return std::visit([&]<class T>(const Tensor<T>&) { return cut_values<T>(images, rule, split); },
                    images.front().samples->values());
}

std::vector<ImageRef> images_of(const Samples& samples) {
  std::vector<ImageRef> images;
  images.reserve(static_cast<std::size_t>(samples.count()));
  for (std::int64_t i = 0; i < samples.count(); ++i)
    images.push_back({.samples = &samples, .index = i, .name = fmt::format("image {}", i)});
  return images;
}

std::vector<ImageRef> images_of(const ImageList& list) {
  std::vector<ImageRef> images;
  for (std::size_t i = 0; i < list.images.size(); ++i)
    images.push_back({.samples = &list.images[i], .index = 0, .name = list.files[i].string()});
  return images;
}

std::vector<ImageRef> chosen(const std::vector<ImageRef>& images, const std::vector<std::int64_t>& indices) {
  std::vector<ImageRef> part;
  part.reserve(indices.size());
  for (const std::int64_t i : indices) part.push_back(images[static_cast<std::size_t>(i)]);
  return part;
}

Dataset patches_of(const std::vector<ImageRef>& train, const std::vector<ImageRef>& test,
                   const std::string& name, const PatchRule& rule) {
  Dataset patches;
  patches.name = name;
  patches.train.samples = cut(train, rule, kTrainCuts);
  if (test.empty()) return patches;
  PatchRule fewer = rule;
  fewer.count = std::max<std::int64_t>(1, rule.count / 5);
  patches.test.samples = cut(test, fewer, kTestCuts);
  if (patches.train.samples.sample_shape() == patches.test.samples.sample_shape()) return patches;
  throw DataError(fmt::format(
      "{}: training and test images must have the same channels; got patches {} and {}. Try: "
      "convert one of them.",
      name, to_string(patches.train.samples.sample_shape()), to_string(patches.test.samples.sample_shape())));
}

}  // namespace

Dataset patches_of(const Dataset& images, const PatchRule& rule) {
  return patches_of(images_of(images.train.samples), images_of(images.test.samples), images.name, rule);
}

Dataset patches_of(const ImageFolder& folder, const std::string& name, const HoldOutRule& hold_out,
                   const PatchRule& rule) {
  const std::vector<ImageRef> train = images_of(folder.train);
  if (folder.has_test) return patches_of(train, images_of(folder.test), name, rule);
  const HoldOut rows =
      stratified_hold_out(static_cast<std::int64_t>(train.size()), {}, hold_out.fraction, hold_out.seed);
  return patches_of(chosen(train, rows.kept), chosen(train, rows.held_out), name, rule);
}

}  // namespace wta

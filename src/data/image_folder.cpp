#include "data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/memory.h"
#include "core/parallel.h"
#include "data/joined_samples.h"
#include "io/image.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

// What lies directly in a folder, sorted by name.
struct Listing {
  std::vector<fs::path> folders;
  std::vector<fs::path> images;
};

// The folders, without links, that a walk is inside of. A folder that is one of them again is skipped, else
// links could send the walk round for ever.
using Trail = std::vector<fs::path>;

Trail trail_to(const fs::path& root) {
  Trail trail;
  for (fs::path folder = fs::canonical(root); trail.empty() || trail.back() != folder;
       folder = folder.parent_path())
    trail.push_back(folder);
  return trail;
}

Trail extended(Trail trail, const fs::path& folder) {
  trail.push_back(fs::canonical(folder));
  return trail;
}

// A link to itself has no status.
bool is_endless_link(const fs::directory_entry& entry) {
  std::error_code failure;
  (void)entry.status(failure);
  return failure == std::errc::too_many_symbolic_link_levels;
}

Listing list_folder(const fs::path& folder, const Trail& trail) {
  Listing listing;
  for (const fs::path& path : read_folder(folder)) {
    const fs::directory_entry entry(path);
    const std::string name = path.filename().string();
    if (name.starts_with('.') || is_endless_link(entry)) continue;
    if (entry.is_directory()) {
      if (std::ranges::find(trail, fs::canonical(path)) == trail.end()) listing.folders.push_back(path);
    } else if (entry.is_regular_file() && has_image_name(path)) {
      listing.images.push_back(path);
    } else {
      throw DataError(fmt::format(
          "{}: a folder of images may hold .png, .jpg, .jpeg, .ppm and .pgm files, and folders of "
          "them; got '{}'. Try: move it elsewhere, or the path of one file.",
          folder.string(), name));
    }
  }
  std::ranges::sort(listing.folders);
  std::ranges::sort(listing.images);
  return listing;
}

// All images below a folder, at any depth.
void collect(const fs::path& folder, const Trail& above, std::vector<fs::path>& files) {
  const Trail trail = extended(above, folder);
  const Listing listing = list_folder(folder, trail);
  files.insert(files.end(), listing.images.begin(), listing.images.end());
  for (const fs::path& below : listing.folders) collect(below, trail, files);
}

void require_images_in(const fs::path& folder, bool any) {
  if (any) return;
  throw DataError(fmt::format(
      "{}: the folder must hold at least one image; got none. Try: remove it, or put images into it.",
      folder.string()));
}

// The files of one split, and their classes where its sub-folders are classes.
ImageList list_split(const fs::path& folder, const Trail& trail) {
  const Listing listing = list_folder(folder, trail);
  ImageList list{.files = listing.images, .images = {}, .labels = {}};
  require_images_in(folder, !listing.images.empty() || !listing.folders.empty());
  if (listing.folders.empty()) return list;
  if (!listing.images.empty())
    throw DataError(
        fmt::format("{}: a folder of images must hold images or folders of images (classes), not both; got "
                    "'{}' beside '{}'. Try: a folder for each class.",
                    folder.string(), listing.images.front().filename().string(),
                    listing.folders.front().filename().string()));
  std::vector<std::string> labels;
  for (const fs::path& below : listing.folders) {
    collect(below, trail, list.files);
    require_images_in(below, list.files.size() > labels.size());
    labels.resize(list.files.size(), below.filename().string());
  }
  list.labels = std::move(labels);
  return list;
}

// The sub-folders of a folder that is cut into splits: train, and perhaps test.
bool is_split(const Listing& listing) {
  if (!listing.images.empty()) return false;
  const auto named = [&](std::size_t i, const char* name) { return listing.folders[i].filename() == name; };
  if (listing.folders.size() == 1) return named(0, "train");
  return listing.folders.size() == 2 && named(0, "test") && named(1, "train");
}

Samples to_samples(Image image) {
  Shape shape = {1, image.height, image.width};
  if (image.channels > 1) shape.push_back(image.channels);
  return Samples(Tensor<std::uint8_t>(std::move(shape), image.pixels));
}

void require_room(const ImageList& list, std::int64_t bytes) {
  const auto count = static_cast<std::int64_t>(list.files.size());
  const std::int64_t values = (bytes + 3) / 4;  // the rule counts float32 values
  if (fits_in_memory(2 * count, values)) return;
  throw MemoryError(
      fmt::format("{}: {} images must fit in memory, twice while they are put together; {}. Try: smaller "
                  "images, or fewer.",
                  list.files.front().parent_path().string(), count, describe_need(2 * count, values)));
}

std::string shape_text(const Image& image) {
  return fmt::format("{} x {} {}", image.height, image.width, image.channels == 1 ? "grey" : "RGB");
}

void read_images(ImageList& list, const Context& context) {
  std::int64_t channels = 0;
  for (const fs::path& file : list.files) {
    require_not_stopped(context);
    Image image = read_image(file);
    if (list.images.empty()) {
      channels = image.channels;
      require_room(list, static_cast<std::int64_t>(image.pixels.size()));
    }
    if (image.channels != channels)
      throw DataError(fmt::format(
          "{}: all images must be grey or all RGB; got {}, while {} is {}. Try: convert one of them.",
          file.string(), shape_text(image), list.files.front().string(), channels == 1 ? "grey" : "RGB"));
    list.images.push_back(to_samples(std::move(image)));
  }
}

}  // namespace

ImageFolder read_image_folder(const fs::path& folder, const Context& context) {
  try {
    const Trail trail = trail_to(folder);
    const Listing listing = list_folder(folder, trail);
    ImageFolder result;
    if (is_split(listing)) {
      const fs::path& train = listing.folders.back();
      const fs::path& test = listing.folders.front();
      result.train = list_split(train, extended(trail, train));
      result.has_test = test != train;
      if (result.has_test) result.test = list_split(test, extended(trail, test));
    } else {
      result.train = list_split(folder, trail);
    }
    read_images(result.train, context);
    read_images(result.test, context);
    return result;
  } catch (const fs::filesystem_error& error) {
    throw IoError(fmt::format("{}: the folder cannot be read: {}. Try: check its permissions.",
                              error.path1().string(), error.code().message()));
  }
}

ImageList read_single_image(const fs::path& file) {
  ImageList list{.files = {file}, .images = {}, .labels = {}};
  read_images(list, {});
  return list;
}

Samples stacked(const ImageList& list) {
  Shape shape = list.images.front().sample_shape();
  for (std::size_t i = 1; i < list.images.size(); ++i) {
    if (list.images[i].sample_shape() == shape) continue;
    throw DataError(fmt::format(
        "{}: all images must have one size; got {}, while {} is {}. Try: --patches N --patch-size "
        "P, which takes squares from images of any size, or resize them.",
        list.files[i].string(), to_string(list.images[i].sample_shape()), list.files.front().string(),
        to_string(shape)));
  }
  return joined(list.images);
}

Source to_source(ImageFolder folder) {
  Source source;
  source.train = stacked(folder.train);
  source.train_labels = std::move(folder.train.labels);
  source.has_test = folder.has_test;
  if (folder.has_test) source.test = stacked(folder.test);
  source.test_labels = std::move(folder.test.labels);
  return source;
}

}  // namespace wta

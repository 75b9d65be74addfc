#include "io/event_file.h"

#include <fmt/format.h>

#include <chrono>
#include <span>
#include <string>
#include <utility>

#include "io/byte_reader.h"
#include "io/event_records.h"
#include "io/png.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFileVersion = "brain.Event:2";

// Field numbers of TensorFlow's event.proto, summary.proto and histogram.proto.
enum EventField : std::uint32_t { kWallTime = 1, kStep = 2, kVersion = 3, kSummary = 5 };
enum ValueField : std::uint32_t { kTag = 1, kSimpleValue = 2, kImage = 4, kHistogram = 5 };
enum ImageField : std::uint32_t { kHeight = 1, kWidth = 2, kColorspace = 3, kEncoded = 4 };
enum HistogramField : std::uint32_t {
  kMinimum = 1,
  kMaximum = 2,
  kCount = 3,
  kSum = 4,
  kSumSquares = 5,
  kLimits = 6,
  kCounts = 7
};
constexpr std::uint32_t kValue = 1;  // of a summary

ProtobufMessage event_of_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  ProtobufMessage event;
  event.add_double(kWallTime, std::chrono::duration<double>(now).count());
  return event;
}

ProtobufMessage value_named(std::string_view tag) {
  ProtobufMessage value;
  value.add_bytes(kTag, tag);
  return value;
}

std::uint64_t read_varint(ByteReader& reader) {
  constexpr unsigned kMostBits = 64;
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < kMostBits; shift += 7) {
    const auto byte = reader.little_endian<std::uint8_t>("number");
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  reader.fail("a number has more than 64 bits");
}

// The step of an event; 0 where it names none.
std::int64_t step_of(std::string_view event, const std::string& where) {
  ByteReader reader(std::as_bytes(std::span(event)), where);
  std::int64_t step = 0;
  while (reader.remaining() > 0) {
    const std::uint64_t key = read_varint(reader);
    switch (key % 8) {
      case 0: {
        const std::uint64_t value = read_varint(reader);
        if (key / 8 == kStep) step = static_cast<std::int64_t>(value);
        break;
      }
      case 1:
        (void)reader.take(8, "double");
        break;
      case 2:
        (void)reader.take(read_varint(reader), "message");
        break;
      case 5:
        (void)reader.take(4, "float");
        break;
      default:
        reader.fail(fmt::format("an event has no field of kind {}", key % 8));
    }
  }
  return step;
}

// How much of the file is whole and not beyond the step.
std::uint64_t end_of_step(const fs::path& path, std::int64_t step) {
  RecordReader reader(path);
  std::uint64_t end = 0;
  while (const auto event = reader.next()) {
    if (step_of(*event, fmt::format("{}, record at byte {}", path.string(), end)) > step) break;
    end = reader.offset();
  }
  return end;
}

void cut(const fs::path& path, std::uint64_t size) {
  std::error_code error;
  if (fs::file_size(path, error) == size) return;
  if (!error) fs::resize_file(path, size, error);
  if (!error) return;
  throw IoError(
      fmt::format("{}: the event file could not be cut to {} bytes: {}. Try: check its permissions.",
                  path.string(), size, error.message()));
}

}  // namespace

void EventSummary::add_scalar(std::string_view tag, double value) {
  ProtobufMessage named = value_named(tag);
  named.add_float(kSimpleValue, static_cast<float>(value));
  message_.add_message(kValue, named);
}

void EventSummary::add_image(std::string_view tag, const Image& image) {
  const std::vector<std::byte> png = encode_png(image, std::string(tag));
  ProtobufMessage picture;
  picture.add_integer(kHeight, image.height);
  picture.add_integer(kWidth, image.width);
  picture.add_integer(kColorspace, image.channels);
  picture.add_bytes(kEncoded, {reinterpret_cast<const char*>(png.data()), png.size()});
  ProtobufMessage named = value_named(tag);
  named.add_message(kImage, picture);
  message_.add_message(kValue, named);
}

void EventSummary::add_histogram(std::string_view tag, const Histogram& histogram) {
  ProtobufMessage spread;
  spread.add_double(kMinimum, histogram.minimum);
  spread.add_double(kMaximum, histogram.maximum);
  double count = 0;
  for (const double values : histogram.counts) count += values;
  spread.add_double(kCount, count);
  spread.add_double(kSum, histogram.sum);
  spread.add_double(kSumSquares, histogram.sum_squares);
  spread.add_packed(kLimits, histogram.limits);
  spread.add_packed(kCounts, histogram.counts);
  ProtobufMessage named = value_named(tag);
  named.add_message(kHistogram, spread);
  message_.add_message(kValue, named);
}

EventFile::EventFile(const fs::path& path, std::int64_t step)
    : file_(path, "free disk space, or --events off") {
  const std::uint64_t kept = end_of_step(path, step);
  cut(path, kept);
  if (kept > 0) return;
  ProtobufMessage first = event_of_now();
  first.add_bytes(kVersion, kFileVersion);
  write(first);
}

void EventFile::append(std::int64_t step, const EventSummary& summary) {
  ProtobufMessage event = event_of_now();
  event.add_integer(kStep, step);
  event.add_message(kSummary, summary.message());
  write(event);
}

void EventFile::write(const ProtobufMessage& event) {
  file_.append(framed(event.bytes()));
}

}  // namespace wta

#pragma once
/// Event files, which TensorBoard shows: values, pictures and histograms by step.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "io/append_file.h"
#include "io/histogram.h"
#include "io/image.h"
#include "io/protobuf.h"

namespace wta {

/// What there is to show of one step. TensorBoard puts tags with the same text before a '/' together.
class EventSummary {
 public:
  void add_scalar(std::string_view tag, double value);
  void add_image(std::string_view tag, const Image& image);
  void add_histogram(std::string_view tag, const Histogram& histogram);

  [[nodiscard]] const ProtobufMessage& message() const { return message_; }

 private:
  ProtobufMessage message_;
};

/// An event file that grows.
class EventFile {
 public:
  /// Opens the file for appending. Of an old one stays what is whole, up to the first event beyond `step`: it
  /// is cut in place, so that who reads it goes on reading. Throws IoError; DataError for records that are no
  /// events (names the byte).
  EventFile(const std::filesystem::path& path, std::int64_t step);
  /// Adds an event with the time of now, and hands it to the system at once. Throws IoError.
  void append(std::int64_t step, const EventSummary& summary);

 private:
  void write(const ProtobufMessage& event);

  AppendFile file_;
};

}  // namespace wta

#pragma once
/// One download over HTTP(S); the only file that knows libcurl.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace wta {

struct DownloadRequest {
  std::string address;
  std::filesystem::path part;  ///< grows; what it holds already is not asked for again
  std::int64_t max_bytes = 0;  ///< the file may not become larger
  bool https_only = true;      ///< else plain http too, but only to a loopback address
  std::function<void(std::int64_t received_bytes)> progress;  ///< may throw to end the download
};

/// Empty when the server sent all it had; else why it did not, in words. What came before a broken connection
/// stays in the part; a part that would become too large is removed. Throws IoError when the part file
/// cannot be written, and whatever `progress` throws.
[[nodiscard]] std::string download(const DownloadRequest& request);

}  // namespace wta

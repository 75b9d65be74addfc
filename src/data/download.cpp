#include "data/download.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

#include "wta/error.h"

namespace wta {
namespace {

constexpr long kConnectSeconds = 20;
constexpr long kSilentSeconds = 30;
constexpr long kMaxRedirects = 5;
constexpr long kHttpOk = 200;
constexpr long kHttpPartial = 206;
constexpr long kHttpRangeRefused = 416;

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

// One transfer; libcurl calls back into it. No exception may cross libcurl: they wait in `failure_`.
class Transfer {
 public:
  explicit Transfer(const DownloadRequest& request)
      : request_(request), curl_(curl_easy_init(), &curl_easy_cleanup), file_(nullptr, &std::fclose) {
    if (!curl_) throw InternalError("download: libcurl cannot start. Please report this.");
    std::error_code ignored;
    const auto size = std::filesystem::file_size(request.part, ignored);
    have_ = ignored ? 0 : static_cast<std::int64_t>(size);
  }

  std::string run() {
    set_options();
    const CURLcode code = curl_easy_perform(curl_.get());
    if (file_ && std::fclose(file_.release()) != 0 && !failure_) keep_write_failure();
    if (failure_) std::rethrow_exception(failure_);
    if (!refusal_.empty()) {
      std::error_code ignored;
      std::filesystem::remove(request_.part, ignored);
      return refusal_;
    }
    const long status = http_status();
    // The part is whole already: the server has nothing beyond it.
    if (code == CURLE_OK && status == kHttpRangeRefused && have_ > 0) return {};
    if (code == CURLE_OK && status != kHttpOk && status != kHttpPartial)
      return fmt::format("the server answered HTTP {}", status);
    if (code == CURLE_OK) return {};
    return error_[0] != '\0' ? std::string(error_.data()) : std::string(curl_easy_strerror(code));
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(curl_.get(), option, value) != CURLE_OK)
      throw InternalError(
          fmt::format("download: libcurl refuses option {}. Please report this.", static_cast<int>(option)));
  }

  void set_options() {
    set(CURLOPT_URL, request_.address.c_str());
    set(CURLOPT_PROTOCOLS_STR, request_.https_only ? "https" : "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    if (!request_.https_only) set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, kMaxRedirects);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
    set(CURLOPT_USERAGENT, "wta");
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_bytes);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    if (have_ > 0) {
      range_ = fmt::format("{}-", have_);
      set(CURLOPT_RANGE, range_.c_str());
    }
  }

  long http_status() const {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  // A server that ignores the range sends the whole file: start again.
  void open_part(long status) {
    if (status == kHttpOk) have_ = 0;
    file_.reset(std::fopen(request_.part.c_str(), status == kHttpOk ? "wb" : "ab"));
    if (!file_) keep_write_failure();
  }

  void keep_write_failure() {
    failure_ = std::make_exception_ptr(
        IoError(fmt::format("{}: writing failed: {}.", request_.part.string(), std::strerror(errno))));
  }

  std::size_t take(const char* bytes, std::size_t count) {
    const long status = http_status();
    if (status != kHttpOk && status != kHttpPartial) return count;  // the text of an error page
    if (!file_) open_part(status);
    if (failure_) return 0;
    if (have_ + static_cast<std::int64_t>(count) > request_.max_bytes) {
      refusal_ = fmt::format("the server sends more than the published {} bytes", request_.max_bytes);
      return 0;
    }
    if (std::fwrite(bytes, 1, count, file_.get()) != count) {
      keep_write_failure();
      return 0;
    }
    have_ += static_cast<std::int64_t>(count);
    return count;
  }

  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
    return static_cast<Transfer*>(self)->take(bytes, size * count);
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto* transfer = static_cast<Transfer*>(self);
    if (!transfer->request_.progress) return 0;
    try {
      transfer->request_.progress(transfer->have_);
      return 0;
    } catch (...) {
      transfer->failure_ = std::current_exception();
      return 1;
    }
  }

  const DownloadRequest& request_;
  Curl curl_;
  File file_;
  std::int64_t have_ = 0;
  std::string range_;
  std::string refusal_;
  std::exception_ptr failure_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

bool is_loopback(const std::string& address) {
  return address.starts_with("http://127.0.0.1:") || address.starts_with("http://[::1]:");
}

}  // namespace

std::string download(const DownloadRequest& request) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kStarted != CURLE_OK) throw InternalError("download: libcurl cannot start. Please report this.");
  const bool allowed =
      request.address.starts_with("https://") || (!request.https_only && is_loopback(request.address));
  if (!allowed) return "only https addresses are used";
  return Transfer(request).run();
}

}  // namespace wta

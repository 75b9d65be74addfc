#pragma once
/// A web server for the user's own browser on this machine.

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wta::cli {

/// What is answered to a request for one path.
struct ServedPath {
  std::string path;
  std::string content_type;
  std::string policy;  ///< Content-Security-Policy
  std::function<std::string()> content;
};

/// Listens on 127.0.0.1 only. Answers GET of the given paths and nothing else: there are no files behind it.
/// A request must name this machine in its Host header, so that no web page can reach it under a name of its
/// own (DNS rebinding).
class PageServer {
 public:
  /// port: 0 for a free one. Throws IoError when it is taken.
  PageServer(int port, const std::vector<ServedPath>& paths);
  ~PageServer();
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  [[nodiscard]] int port() const;
  /// Answers until `stop()` is true, which it asks several times a second.
  void serve(const std::function<bool()>& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wta::cli

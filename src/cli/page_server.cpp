// The only file that knows the HTTP library.
#include "cli/page_server.h"

#include <fmt/format.h>
#include <httplib.h>

#include <chrono>
#include <thread>

#include "wta/error.h"

namespace wta::cli {
namespace {

constexpr const char* kAddress = "127.0.0.1";
constexpr std::size_t kThreads = 4;

// A path of letters, digits, '/', '_' and '.' as the library's regular expression.
std::string exactly(const std::string& path) {
  std::string pattern;
  for (const char c : path) pattern += c == '.' ? std::string("\\.") : std::string(1, c);
  return pattern;
}

bool names_this_machine(const std::string& host) {
  const std::string name = host.substr(0, host.find(':'));
  return name == kAddress || name == "localhost";
}

// Without SO_REUSEPORT, with which two servers would share a port unnoticed.
void set_options(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

void answer(const ServedPath& served, httplib::Response& response) {
  try {
    response.set_content(served.content(), served.content_type);
    response.set_header("Content-Security-Policy", served.policy);
  } catch (const std::exception& error) {
    response.status = 503;
    response.set_content(fmt::format("wta: error: {}\n", error.what()), "text/plain; charset=utf-8");
  }
}

}  // namespace

struct PageServer::State {
  httplib::Server server;
  int port = 0;
};

PageServer::PageServer(int port, const std::vector<ServedPath>& paths) : state_(std::make_unique<State>()) {
  httplib::Server& server = state_->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // the server deletes it
  server.set_socket_options(set_options);
  server.set_default_headers({{"Cache-Control", "no-store"},
                              {"Cross-Origin-Resource-Policy", "same-origin"},
                              {"Referrer-Policy", "no-referrer"},
                              {"X-Content-Type-Options", "nosniff"}});
  server.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value_count("Host") == 1 && names_this_machine(request.get_header_value("Host")))
      return httplib::Server::HandlerResponse::Unhandled;
    response.status = 403;
    response.set_content("wta: this server answers to 127.0.0.1 and localhost only.\n",
                         "text/plain; charset=utf-8");
    return httplib::Server::HandlerResponse::Handled;
  });
  for (const ServedPath& served : paths) {
    server.Get(exactly(served.path),
               [served](const httplib::Request&, httplib::Response& response) { answer(served, response); });
  }
  const bool bound = port == 0 ? (state_->port = server.bind_to_any_port(kAddress)) > 0
                               : server.bind_to_port(kAddress, state_->port = port);
  if (bound) return;
  throw IoError(
      fmt::format("explore: port {} of {} is taken or not allowed. Try: without --port.", port, kAddress));
}

PageServer::~PageServer() = default;

int PageServer::port() const {
  return state_->port;
}

void PageServer::serve(const std::function<bool()>& stop) {
  std::thread listener([this] { state_->server.listen_after_bind(); });
  while (!stop()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  while (!state_->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  state_->server.stop();
  listener.join();
}

}  // namespace wta::cli

#include <map>

#include "cli/completion.h"
#include "wta/error.h"

namespace wta::cli {
namespace {

// Each script passes the words up to the cursor to `wta complete`, which answers with a line per candidate,
// text and description with a tab between them, and ":files" or ":folders" where the shell shall add those.

constexpr std::string_view kBash = R"(# Completion of wta for bash.
_wta() {
  # Bash cuts words at '='; the tool wants them whole.
  local word words=()
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ ${#words[@]} -gt 1 && ($word == =* || ${words[-1]} == *=) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
  done
  local last=${words[-1]} line files=
  local value=${last##*=}
  local before=${last%"$value"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) files=-f ;;
      :folders) files=-d ;;
      *)
        line=${line%%$'\t'*}
        [[ $line != *= ]] || compopt -o nospace 2>/dev/null
        COMPREPLY+=("${line#"$before"}")
        ;;
    esac
  done < <("${COMP_WORDS[0]/#\~/$HOME}" complete -- "${words[@]}" 2>/dev/null)
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$files" -- "$value")
  else
    compopt +o default 2>/dev/null
  fi
  return 0
}
complete -o default -F _wta wta)";

constexpr std::string_view kZsh = R"(#compdef wta
# Completion of wta for zsh.
_wta() {
  local line before=${(M)words[CURRENT]#--*=}
  local -a whole open
  [[ -z $before ]] || compset -P '*='
  for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" complete -- "${(@Q)words[1,CURRENT]}" 2>/dev/null)}"; do
    line=${line#$before}
    case $line in
      :files) _files ;;
      :folders) _files -/ ;;
      *=$'\t'*) open+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
      ?*) whole+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  (( ! $#whole )) || _describe wta whole
  (( ! $#open )) || _describe wta open -S ''
}
if [[ $funcstack[1] == _wta ]]; then
  _wta "$@"
else
  compdef _wta wta
fi)";

constexpr std::string_view kFish = R"(# Completion of wta for fish.
function __wta_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l flag (string replace -r '^(--[^=]*=)?.*' '$1' -- "$last")
    set -l value (string replace -r '^--[^=]*=' '' -- "$last")
    set -l tool (string replace -r '^~' $HOME -- $words[1])
    for line in (command $tool complete -- $words "$last" 2>/dev/null)
        switch $line
            case ':files'
                printf '%s\n' $flag(__fish_complete_path "$value")
            case ':folders'
                printf '%s\n' $flag(__fish_complete_directories "$value")
            case '*'
                echo $line
        end
    end
end
complete -c wta -f -a '(__wta_complete)')";

}  // namespace

std::string_view completion_script(std::string_view shell) {
  static const std::map<std::string_view, std::string_view> kScripts = {
      {"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}};
  const auto found = kScripts.find(shell);
  if (found == kScripts.end())
    throw InvalidArgument("completion: must be bash, zsh or fish; got '" + std::string(shell) +
                          "'. Try: wta completion bash.");
  return found->second;
}

}  // namespace wta::cli

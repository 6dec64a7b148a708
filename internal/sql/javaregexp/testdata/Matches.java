import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.regex.*;

/** Reads lines "pattern TAB text", percent-encoded, and prints all matches with their groups, or that the pattern is refused. */
class Matches {
  public static void main(String[] args) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, "UTF-8");
    for (String line; (line = in.readLine()) != null; ) {
      String[] parts = line.split("\t", -1);
      out.println(matches(decode(parts[0]), decode(parts[1])));
    }
    out.flush();
  }

  static String decode(String s) {
    return java.net.URLDecoder.decode(s, StandardCharsets.UTF_8);
  }

  static String matches(String pattern, String text) {
    try {
      Matcher m = Pattern.compile(pattern).matcher(text);
      StringBuilder all = new StringBuilder();
      while (m.find()) {
        all.append('(');
        for (int g = 0; g <= m.groupCount(); g++) {
          all.append(m.group(g) == null ? "null" : bytes(text, m.start(g)) + "-" + bytes(text, m.end(g))).append(' ');
        }
        all.append(')');
      }
      return all.toString();
    } catch (PatternSyntaxException e) {
      return "refused";
    } catch (StackOverflowError e) {
      return "overflow";
    }
  }

  static int bytes(String text, int at) {
    return text.substring(0, at).getBytes(StandardCharsets.UTF_8).length;
  }
}

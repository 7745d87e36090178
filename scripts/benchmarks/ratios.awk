# Medians over the rounds and ratios to PyTorch in its better memory format.
function median(text, n, t, i, j, v) {
  n = split(text, t, " ")
  for (i = 2; i <= n; i++) for (j = i; j > 1 && t[j - 1] + 0 > t[j] + 0; j--) { v = t[j]; t[j] = t[j - 1]; t[j - 1] = v }
  return n % 2 ? t[(n + 1) / 2] : (t[n / 2] + t[n / 2 + 1]) / 2
}
{ nets[$2] = 1; step[$1, $2] = step[$1, $2] " " $6; forward[$1, $2] = forward[$1, $2] " " $8; peak[$1, $2] = peak[$1, $2] " " $9 }
END {
  for (net in nets) {
    best = "pytorch/channels_last"
    if (median(step["pytorch/contiguous", net]) + 0 < median(step[best, net]) + 0) best = "pytorch/contiguous"
    printf "%s: step %.3f s, PyTorch (%s) %.3f s, ratio %.2f; forward ratio %.2f; memory ratio %.2f\n", net,
      median(step["workbench", net]), substr(best, 9), median(step[best, net]),
      median(step["workbench", net]) / median(step[best, net]), median(forward["workbench", net]) / median(forward[best, net]),
      median(peak["workbench", net]) / median(peak[best, net])
  }
}

print("start")
readLines("no-such-file.txt")

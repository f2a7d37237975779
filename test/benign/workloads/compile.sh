# A configure-like look at the compiler, a build by make, a library, an installation, tests.
mkdir -p "$S/build/src" && cd "$S/build"
for feature in stdint.h sys/epoll.h no/such.h; do
  echo "#include <$feature>" > conftest.c
  gcc -E conftest.c > /dev/null 2> conftest.err || true
  echo 'int main(void) { return 0; }' > conftest.c
  gcc -o conftest conftest.c && ./conftest
  rm -f conftest conftest.c conftest.err
done
uname -m > arch; hostname > host; id -u > user
i=0
while [ $i -lt 25 ]; do
  i=$((i + 1))
  echo "int part$i(int n) { return n + $i; }" > "src/part$i.c"
done
cat > Makefile <<'END'
OBJECTS = $(patsubst src/%.c,%.o,$(wildcard src/*.c))
all: libparts.a libparts.so program
%.o: src/%.c
	gcc -O2 -fPIC -g -c -o $@ $<
libparts.a: $(OBJECTS)
	ar rcs $@ $^
libparts.so: $(OBJECTS)
	gcc -shared -o $@ $^
program: libparts.a main.c
	gcc -O2 -o $@ main.c libparts.a
	strip $@
install: all
	install -D -m 755 program $(DESTDIR)/usr/local/bin/program
	install -D -m 644 libparts.so $(DESTDIR)/usr/local/lib/libparts.so
check: program
	./program
clean:
	rm -f *.o *.a *.so program
END
echo 'int part1(int n); int main(void) { return part1(-1); }' > main.c
make -s -j2 all check
make -s install DESTDIR="$S/build/root"
echo 'int main() { return 0; }' | g++ -x c++ -o plus - && ./plus
gdb --version > /dev/null 2>&1 || true
ldd program > /dev/null
make -s clean
